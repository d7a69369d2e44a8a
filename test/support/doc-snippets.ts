import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const FENCE = /^( *)```(\w*)\n([^]*?)^\1```$/gm;

/** A fenced block of the documentation. */
export interface DocBlock {
  /** From the root of the repository. */
  file: string;
  /** As the fence names it; empty where it names none. */
  language: string;
  /** Without the indentation that a list gives it. */
  text: string;
}

/** @returns the blocks of a text in their order */
export function blocksIn(file: string, text: string): DocBlock[] {
  return [...text.matchAll(FENCE)].map(([, indent, language, body]) => ({
    file,
    language: language!,
    text: body!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** @param files from the root of the repository */
export function blocksOf(files: readonly string[]): DocBlock[] {
  return files.flatMap((file) => blocksIn(file, readFileSync(join(ROOT, file), 'utf8')));
}

/** @returns the first line that says something, by which a block is known */
export function firstLineOf({ text }: DocBlock): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
}

/** @returns the commands of a block of bash that is a list of commands: lines that go on are joined, comments left out */
export function commandsIn({ text }: DocBlock): string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map(withoutComment)
    .filter((line) => line !== '');
}

/** A comment begins with `#` after white space, outside of quotes. */
function withoutComment(line: string): string {
  let quote = '';
  for (const [index, char] of line.split('').entries()) {
    if (quote !== '') {
      quote = char === quote ? '' : quote;
    } else if (char === "'" || char === '"') {
      quote = char;
    } else if (char === '#' && (index === 0 || /\s/.test(line[index - 1]!))) {
      return line.slice(0, index).trim();
    }
  }
  return line.trim();
}
