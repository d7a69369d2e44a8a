import { once } from 'node:events';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { aLibrarySocket } from '../../../test/support/library-socket.js';
import { type RawSocket, rawSocketOf, writeTogether } from './raw-socket.js';

it('is there before anything has left, and all of the library goes through it', async () => {
  const { socket, heard, peer, close } = await aLibrarySocket();
  try {
    const raw = rawSocketOf(socket);
    const connecting = (raw as unknown as WebSocket).readyState;
    const write = raw.send.bind(raw);
    const sent: unknown[] = [];
    raw.send = (data) => sent.push(data);
    await peer;
    await expect.poll(() => sent).toHaveLength(1);
    let isClosed = false;
    raw.close = () => (isClosed = true);
    void socket.end(undefined);
    await expect.poll(() => isClosed).toBe(true);

    expect(connecting).toBe(WebSocket.CONNECTING);
    expect(heard).toEqual([]);
    write(sent[0] as Uint8Array);
    await expect.poll(() => heard).toHaveLength(1);
  } finally {
    await close();
  }
});

it('has a TCP socket that holds frames back until they are written together', async () => {
  const { socket, peer, close } = await aLibrarySocket();
  try {
    const raw = rawSocketOf(socket) as RawSocket & WebSocket;
    const line = await peer;
    await once(line, 'message');
    const corked: number[] = [];
    writeTogether(raw, () =>
      corked.push((raw._socket as unknown as { writableCorked: number }).writableCorked),
    );
    raw.pause();
    raw.resume();

    expect(corked).toEqual([1]);
    expect((raw._socket as unknown as { writableCorked: number }).writableCorked).toBe(0);
  } finally {
    await close();
  }
});
