const MAX_CELL = 80;

/**
 * @param fields names of the columns
 * @param rows values as JSON has them
 * @returns a text table for a terminal
 */
export function formatTable(fields: string[], rows: Record<string, unknown>[]): string {
  const cells = rows.map((row) => fields.map((field) => cellOf(row[field])));
  const widths = fields.map((field, column) =>
    Math.max(field.length, ...cells.map((line) => line[column]!.length)),
  );
  const line = (values: string[]) =>
    values
      .map((value, column) => value.padEnd(widths[column]!))
      .join(' | ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('-+-');
  return [line(fields), rule, ...cells.map(line)].join('\n');
}

function cellOf(value: unknown): string {
  const text =
    value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  // Control characters of stored texts must not reach the terminal.
  const printable = text.replace(/\p{Cc}/gu, ' ');
  return printable.length > MAX_CELL ? `${printable.slice(0, MAX_CELL - 1)}…` : printable;
}
