import { expect, it } from 'vitest';
import { aLibrarySocket } from '../../../test/support/library-socket.js';
import { listenToOutcomes } from './send-events.js';

it('hears what the library tells nobody, and the end of the line', async () => {
  const { socket, close } = await aLibrarySocket();
  const heard: string[] = [];
  const told: string[] = [];
  socket.ev.process((events) => void told.push(...Object.keys(events)));
  listenToOutcomes(socket.ws, {
    onAcknowledged: ({ attrs }) => heard.push(`ack ${attrs['id']}`),
    onReceipt: ({ attrs }) => heard.push(`receipt ${attrs['id']}`),
    onClosed: () => heard.push('closed'),
  });
  told.length = 0;
  socket.ws.emit('CB:ack,class:message', { tag: 'ack', attrs: { id: '1', class: 'message' } });
  socket.ws.emit('CB:receipt', { tag: 'receipt', attrs: { id: '2', from: 'status@broadcast' } });
  socket.ws.emit('close');
  await close();

  expect(heard.slice(0, 3)).toEqual(['ack 1', 'receipt 2', 'closed']);
  // Where this fails the library has an event for it by now.
  expect(told.filter((event) => event.startsWith('messages'))).toEqual([]);
});
