import type { BinaryNode } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { isRefused } from './refused-stanzas.js';

const creds = { me: { id: '5511999887766:3@s.whatsapp.net', lid: '111:3@lid' } };

function aMessage(attrs: Record<string, string>, type = 'msg'): BinaryNode {
  const content = [{ tag: 'enc', attrs: { v: '2', type }, content: new Uint8Array(1) }];
  return { tag: 'message', attrs: { id: 'A1', t: '1', ...attrs }, content };
}

describe('what the library refuses', () => {
  it.each<[string, Record<string, string>]>([
    ['an address of a kind that is not known', { from: '5521988776655@interop' }],
    ['no address', {}],
    ['somebody who names a recipient', { from: '222@lid', recipient: '333@lid' }],
    ['a list without an author', { from: '1700000000@broadcast' }],
  ])('%s', (_name, attrs) => {
    expect(isRefused(aMessage(attrs), creds)).toBe(true);
  });

  it.each<[string, Record<string, string>]>([
    ['a person', { from: '222:7@lid' }],
    ['a list', { from: '1700000000@broadcast', participant: '222@lid' }],
    ['the account itself', { from: '111@lid', recipient: '222@lid' }],
    ['the account itself, to a list', { from: '111@lid', recipient: '1700000000@broadcast' }],
  ])('not %s', (_name, attrs) => {
    expect(isRefused(aMessage(attrs), creds)).toBe(false);
  });

  it('an assistant beside a person', () => {
    const { content, ...stanza } = aMessage({ from: '222@lid' }, 'msmsg');
    const others = aMessage({ from: '222@lid' }).content as BinaryNode[];

    expect(isRefused({ ...stanza, content: [...(content as BinaryNode[]), ...others] }, creds)).toBe(true);
  });
});
