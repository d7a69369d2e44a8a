import { expect, it } from 'vitest';
import { aLibrarySocket } from '../../../test/support/library-socket.js';
import { containRejections, FRAME_BYTES } from './contain-rejections.js';

it('is told of listeners that reject, on the line and behind the event buffer', async () => {
  const { socket, close } = await aLibrarySocket();
  const told: unknown[] = [];
  containRejections(socket, (error, event) => told.push([event, (error as Error).message]));
  const fail = (what: string) => async () => {
    throw new Error(what);
  };
  try {
    socket.ws.on('CB:test', fail('line') as () => void);
    socket.ev.on('creds.update', fail('creds') as () => void);
    socket.ws.emit('CB:test', {});
    socket.ev.emit('creds.update', {});
    // The library's own listener can not read this one.
    socket.ws.emit('CB:call', {});

    await expect
      .poll(() => told)
      .toEqual([
        ['CB:test', 'line'],
        ['event', 'creds'],
        ['CB:call', expect.any(String)],
      ]);
  } finally {
    await close();
  }
});

it('names the event under which the library takes frames from the line', async () => {
  const { socket, close } = await aLibrarySocket();
  const count = socket.ws.listenerCount(FRAME_BYTES);
  await close();

  expect(count).toBe(1);
});
