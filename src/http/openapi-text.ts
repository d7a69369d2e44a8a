const WIDTH = 160;
/** Of a field of a schema, and of one answer of an operation: what is deeper inside stands in one line, however long. */
const DEPTH = 5;

/**
 * @param value plain JSON
 * @returns it as text that is short and shows a change by its line: it is not indented, which would be a tenth of it, and what is short
 *   stands in one line with its neighbours
 */
export function openApiText(value: unknown): string {
  return `${linesOf(value, 0)}\n`;
}

function linesOf(value: unknown, depth: number): string {
  const line = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || depth >= DEPTH || line.length <= WIDTH) {
    return line;
  }
  const items = Array.isArray(value)
    ? value.map((item) => linesOf(item, depth + 1))
    : Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}:${linesOf(field, depth + 1)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${filled(items).join(',\n')}\n${close}`;
}

/** @returns lines of as many items as fit */
function filled(items: readonly string[]): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    const both = `${last},${item}`;
    if (last === undefined || both.length > WIDTH || both.includes('\n')) {
      lines.push(item);
    } else {
      lines[lines.length - 1] = both;
    }
  }
  return lines;
}
