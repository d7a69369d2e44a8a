import { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { aLibrarySocket, libraryText } from '../../../test/support/library-socket.js';
import { takeOverStanzas } from './stanza-listeners.js';

const stanza: BinaryNode = { tag: 'message', attrs: { id: '1' } };

describe('takeOverStanzas', () => {
  it('takes the place of the one listener, and gives it a stanza when it is asked to', async () => {
    const ws = new EventEmitter();
    const heard: unknown[] = [];
    const handle: (node: BinaryNode) => unknown = async (node) => heard.push(node);
    ws.on('CB:message', handle);
    const kept: (() => unknown)[] = [];
    takeOverStanzas(ws, 'message', (library) => (node) => kept.push(() => library(node)));
    ws.emit('CB:message', stanza);
    const before = [...heard];
    await kept[0]!();

    expect([before, heard]).toEqual([[], [stanza]]);
  });

  it('refuses to guess where the library listens twice', () => {
    const ws = new EventEmitter().on('CB:message', () => undefined).on('CB:message', () => undefined);

    expect(() => takeOverStanzas(ws, 'message', (library) => library)).toThrow('more than once');
  });
});

describe('the library', () => {
  it('listens once to each kind of stanza that goes through stages, and to no others of their tags', async () => {
    const { socket, close } = await aLibrarySocket();
    const names = socket.ws.eventNames().map(String);
    const counts = ['message', 'receipt', 'notification', 'call', 'status'].map((tag) => [
      tag,
      socket.ws.listenerCount(`CB:${tag}`),
      names.filter((name) => name.startsWith(`CB:${tag},`)).length,
    ]);
    await close();

    expect(counts).toEqual([
      ['message', 1, 0],
      ['receipt', 1, 0],
      ['notification', 1, 0],
      ['call', 1, 0],
      ['status', 0, 0],
    ]);
  });

  it('hears of acknowledgements beside them', async () => {
    const { socket, close } = await aLibrarySocket();
    const count = socket.ws.listenerCount('CB:ack,class:message');
    await close();

    expect(count).toBe(1);
  });

  it('gives its handlers promises that settle when a stanza is handled', () => {
    const source = libraryText('@whiskeysockets/baileys/lib/Socket/messages-recv.js');

    // Where this fails, find out whether the queue still knows when the library is done with a stanza.
    expect(source).toMatch(/ws\.on\('CB:message', async \(node\) => \{\s*await processNode\('message'/);
    expect(source).toMatch(/await processNodeWithBuffer\(node, identifier, exec\)/);
    expect(source).toMatch(/ev\.buffer\(\);\s*await execTask\(\);\s*ev\.flush\(\);/);
    // The mark by which it would queue a stanza once more; see `StanzaQueue`.
    expect(source).toMatch(/const isOffline = !!node\.attrs\.offline;/);
  });
});
