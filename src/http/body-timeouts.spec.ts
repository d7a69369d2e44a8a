import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { limitBodyTimes } from './body-timeouts.js';

const TIMES = { wholeMs: 500, windowMs: 500, windowBytes: 1_000 };
const FORM = 'POST /api/media HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\n';
const JSON_BODY = 'POST /api/contacts HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';

let server: Server | undefined;
afterEach(() => {
  vi.restoreAllMocks();
  server?.closeAllConnections();
  server?.close();
});

/** @param isRefused whether the call is answered at once, without its body */
async function peer(
  head: string,
  isRefused = false,
  times = TIMES,
): Promise<{ socket: Socket; late: () => number; read: () => number }> {
  let late = 0;
  let read = 0;
  server = createServer((request, response) => {
    if (isRefused) {
      response.writeHead(401).end();
      return;
    }
    request.on('data', (piece: Buffer) => (read += piece.length));
    request.on('end', () => response.end('done'));
  });
  limitBodyTimes(server, times, (socket) => {
    late += 1;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  socket.write(`${head}Content-Length: 20000\r\n\r\n`);
  return { socket, late: () => late, read: () => read };
}

/** Writes pieces until all is sent or the line is closed. @returns how long that took, in ms */
async function drip(socket: Socket, bytes: number, everyMs: number): Promise<number> {
  const begun = performance.now();
  const timer = setInterval(() => socket.writable && socket.write('x'.repeat(bytes)), everyMs);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(timer);
  return performance.now() - begun;
}

it('lets a file come slowly', async () => {
  const { socket, late, read } = await peer(FORM);
  const timer = setInterval(() => socket.write('x'.repeat(250)), 20);

  const [answer] = (await once(socket, 'data')) as [Buffer];
  clearInterval(timer);

  expect(answer.toString()).toContain('done');
  expect([late(), read()]).toEqual([0, 20_000]);
});

it('ends a file that stalls, or drips', async () => {
  const { socket, late } = await peer(FORM);

  expect(await drip(socket, 1, 20)).toBeLessThan(2_000);
  expect(late()).toBe(1);
});

it('ends any other body that is not whole in time', async () => {
  const { socket, late } = await peer(JSON_BODY);

  await drip(socket, 500, 20);
  expect(late()).toBe(1);
});

it('ends it in time, too, where a timer went off a little early', async () => {
  const { socket, late } = await peer(JSON_BODY, false, { ...TIMES, windowMs: 3_600_000 });
  // When the body began, and when it is looked at.
  vi.spyOn(performance, 'now')
    .mockReturnValueOnce(0)
    .mockReturnValueOnce(TIMES.wholeMs - 0.5)
    .mockReturnValue(TIMES.wholeMs + 0.5);

  await once(socket, 'close');

  expect(late()).toBe(1);
});

it('ends a file that nobody takes', async () => {
  const { socket, late } = await peer(FORM, true);

  await drip(socket, 500, 50);
  expect(late()).toBe(0);
});
