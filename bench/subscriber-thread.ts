import { parentPort, workerData } from 'node:worker_threads';
import { io } from 'socket.io-client';

/** What one flush tells the parent: ids of messages and when their events arrived, in ms since 1970. */
export type ArrivedEvents = [messageId: string, atMs: number][];

const { url, organizations, token } = workerData as { url: string; organizations: string[]; token?: string };
const socket = io(url, { transports: ['websocket'], auth: { token } });
let arrived: ArrivedEvents = [];

/** Events of one turn are passed on together. */
function flush(): void {
  parentPort?.postMessage(arrived);
  arrived = [];
}

socket.on('whatsapp:message', ({ messageId }: { messageId: string }) => {
  if (arrived.length === 0) {
    setImmediate(flush);
  }
  arrived.push([messageId, performance.timeOrigin + performance.now()]);
});
socket.on('connect', () => {
  void Promise.all(organizations.map((id) => socket.emitWithAck('join-organization', id))).then(() =>
    parentPort?.postMessage('joined'),
  );
});
