/** What may hold a semicolon that ends no statement: comments, strings, quoted names, bodies. */
const OPAQUE = /--[^\n]*|\/\*[^]*?\*\/|'(?:[^']|'')*'|"[^"]*"|(\$\w*\$)[^]*?\1/g;

/** @returns the statements of a script one by one, for whoever runs each in a transaction of its own */
export function statementsOf(script: string): string[] {
  const ends: number[] = [];
  let from = 0;
  for (const match of [...script.matchAll(OPAQUE), { 0: '', index: script.length }]) {
    for (
      let at = script.indexOf(';', from);
      at !== -1 && at < match.index;
      at = script.indexOf(';', at + 1)
    ) {
      ends.push(at + 1);
    }
    from = match.index + match[0].length;
  }
  return ends.map((end, index) => script.slice(ends[index - 1] ?? 0, end).trim());
}
