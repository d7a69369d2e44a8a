import { ConfigError } from './config-error.js';

/** Of a text that has none, in Unicode: the byte order mark. */
const MARK = '\uFEFF';

/**
 * @param bytes of a text file, as editors and shells of any system write it: UTF-8 or UTF-16, with a byte order mark or without
 * @param name of the file, for the message
 * @returns the text, without the mark, its lines ended by `\n`
 * @throws ConfigError where it is no text
 */
export function textOf(bytes: Buffer, name: string): string {
  const text = new TextDecoder(encodingOf(bytes), { ignoreBOM: true }).decode(bytes);
  const unmarked = text.startsWith(MARK) ? text.slice(1) : text;
  if (unmarked.includes('\0')) {
    throw new ConfigError([`${name} holds NUL bytes: save it as plain text in UTF-8`]);
  }
  return unmarked.replace(/\r\n?/g, '\n');
}

/** Variables are ASCII for the most part, so that in UTF-16 every other byte is 0. */
function encodingOf(bytes: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) {
    return 'utf-16le';
  }
  if (first === 0xfe && second === 0xff) {
    return 'utf-16be';
  }
  const zeros = [0, 0];
  bytes.forEach((byte, index) => (zeros[index % 2]! += byte === 0 ? 1 : 0));
  const [even, odd] = zeros as [number, number];
  if (Math.max(even, odd) * 4 <= bytes.length) {
    return 'utf-8';
  }
  return odd > even ? 'utf-16le' : 'utf-16be';
}
