import { describe, expect, it } from 'vitest';
import { isBaileysFault } from './process-guards.js';

function withStack(stack: string): Error {
  return Object.assign(new Error('failed'), { stack });
}

describe('isBaileysFault', () => {
  it.each([
    ['a Boom', Object.assign(new Error('Connection Closed'), { isBoom: true })],
    ['a bare close code', 1006],
    ['nothing at all', undefined],
    ['a stack through Baileys', withStack('at f (/app/node_modules/@whiskeysockets/baileys/lib/x.js:1:1)')],
    ['a stack through libsignal', withStack('at f (/app/node_modules/libsignal/src/x.js:1:1)')],
  ])('contains %s', (_name, reason) => {
    expect(isBaileysFault(reason)).toBe(true);
  });

  it.each([
    ['our own error', withStack('at f (/app/dist/instances/instances.service.js:1:1)')],
    ['text', 'failed'],
    ['a small number', 1],
    ['null', null],
  ])('does not contain %s', (_name, reason) => {
    expect(isBaileysFault(reason)).toBe(false);
  });
});
