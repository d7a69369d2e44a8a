export type Rows = [name: string, value: string | number][];

/** A line of headlines with their values below, then sections of rows; empty sections are left out. */
export function formatSections(inShort: Rows, sections: readonly [title: string, rows: Rows][]): string {
  return [
    inShort.map(([name]) => name.padStart(name.length + 3)).join(''),
    `${inShort.map(([name, value]) => String(value).padStart(name.length + 3)).join('')}\n`,
    ...sections
      .filter(([, rows]) => rows.length > 0)
      .map(([title, rows]) =>
        [title, ...rows.map(([name, value]) => `  ${name.padEnd(58)}${value}`), ''].join('\n'),
      ),
  ].join('\n');
}

/** Median and maximum of times in ms. */
export function spread(times: readonly number[]): string {
  if (times.length === 0) {
    return '–';
  }
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  return `${median.toFixed(0)} ms, ${sorted.at(-1)!.toFixed(0)} ms`;
}
