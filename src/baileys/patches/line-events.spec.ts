import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { aLibrarySocket, type LibrarySocket, libraryText } from '../../../test/support/library-socket.js';
import { containRejections } from './contain-rejections.js';
import { listenToLine } from './line-events.js';

let made: LibrarySocket;
let heard: unknown[];

async function listen(refuse?: number): Promise<LibrarySocket> {
  made = await aLibrarySocket({}, refuse);
  heard = [];
  containRejections(made.socket, () => undefined);
  listenToLine(made.socket.ws, {
    onHandshake: (bytes) => heard.push(Buffer.from(bytes).toString()),
    onHeard: () => heard.push('stanza'),
    onUpgradeRefused: (status) => heard.push(status),
  });
  return made;
}

afterEach(async () => {
  await made.close();
});

it('hears what the server says first before the library does, which says nothing meanwhile', async () => {
  const { peer, heard: byServer, socket } = await listen();
  const line = await peer;
  await once(line, 'message');
  let listeners = 0;
  socket.ws.prependListener('frame', () => (listeners = socket.ws.listenerCount('frame')));
  line.send(Buffer.concat([Buffer.of(0, 0, 5), Buffer.from('hello')]));

  await expect.poll(() => heard).toEqual(['hello']);
  // The library's, which waits for the first one, and the two of this test.
  expect(listeners).toBe(3);
  expect(byServer).toHaveLength(1);
});

it('hears of an upgrade that is refused', async () => {
  await listen(401);

  await expect.poll(() => heard).toEqual([401]);
});

it('hears of each stanza as a frame, before what is registered for its tag', async () => {
  await listen();
  made.socket.ws.emit('frame', { tag: 'message', attrs: {} });
  const source = libraryText('@whiskeysockets/baileys/lib/Socket/socket.js');
  const received = source.slice(source.indexOf('const onMessageReceived'), source.indexOf('const end = '));
  const order = [
    "emit('frame', frame)",
    'DEF_TAG_PREFIX}${msgId}`, frame)',
    'DEF_CALLBACK_PREFIX}${l0}`, frame)',
  ];

  expect(heard).toEqual(['stanza']);
  // Where this fails, look at how the library tells of stanzas, and in which order.
  expect(order.map((text) => received.indexOf(text)).toSorted((a, b) => a - b)).toEqual(
    order.map((text) => received.indexOf(text)),
  );
  expect(order.every((text) => received.includes(text))).toBe(true);
});
