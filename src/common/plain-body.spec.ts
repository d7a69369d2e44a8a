import { inspect } from 'node:util';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { PlainBody } from './plain-body.js';

describe('PlainBody', () => {
  it('gives its bytes to those who ask, and shows them to nothing that prints the object around it', () => {
    const body = new PlainBody(Buffer.from('meet me at five'));
    const lines: string[] = [];
    pino({}, { write: (line) => lines.push(line) }).info({ row: { body } }, 'row');
    const shown = [JSON.stringify({ body }), inspect({ body }, { depth: null, showHidden: true })];
    shown.push(...lines, JSON.stringify(Object.entries(body)));

    expect(Buffer.from(body.reveal()).toString()).toBe('meet me at five');
    expect(body).toHaveLength(15);
    expect(shown.filter((text) => /meet|109,101|bWVldC/.test(text))).toEqual([]);
  });
});
