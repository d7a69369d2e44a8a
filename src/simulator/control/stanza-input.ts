import { node } from '../protocol/node.js';
import type { BinaryNode } from '../protocol/node.js';
import { ControlError } from './control-error.js';
import type { Fields } from './fields.js';

const MAX_DEPTH = 20;

/** Reads a stanza from JSON: `{ tag, attrs, content }`, where content is a list of such, a string, or `{ base64 }`. */
export function stanzaOf(input: Fields): BinaryNode {
  return read(input.object('stanza'), 0);
}

function read(value: unknown, depth: number): BinaryNode {
  const { tag, attrs = {}, content } = isObject(value) ? value : {};
  if (typeof tag !== 'string' || !isObject(attrs) || depth > MAX_DEPTH) {
    throw new ControlError(400, 'invalid-input', 'a stanza must be { tag, [attrs], [content] }');
  }
  const texts = Object.fromEntries(Object.entries(attrs).map(([name, each]) => [name, String(each)]));
  if (content === undefined) {
    return node(tag, texts);
  }
  if (Array.isArray(content)) {
    return node(
      tag,
      texts,
      content.map((each: unknown) => read(each, depth + 1)),
    );
  }
  return node(tag, texts, bytesOf(content));
}

function bytesOf(content: unknown): Buffer {
  const base64 = isObject(content) ? content['base64'] : undefined;
  if (typeof base64 === 'string') {
    return Buffer.from(base64, 'base64');
  }
  if (typeof content === 'string') {
    return Buffer.from(content);
  }
  throw new ControlError(400, 'invalid-input', 'content must be a list of stanzas, a string or { base64 }');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
