import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { type ConnectionBounds, ConnectionLimits } from './connection-limits.js';

const peers: Socket[] = [];
let server: Server;
let limits: ConnectionLimits;

afterEach(() => {
  peers.splice(0).forEach((peer) => peer.destroy());
  server.close();
});

async function listen(bounds: Partial<ConnectionBounds>, listener: RequestListener): Promise<void> {
  server = createServer(listener);
  limits = new ConnectionLimits(server, { total: 100, perAddress: 100, trust: () => false, ...bounds });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

/** @returns once the server has seen what was sent */
async function peer(text = ''): Promise<Socket> {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  peers.push(socket);
  socket.on('error', () => undefined);
  const [own] = await accepted;
  socket.write(text);
  await expect.poll(() => own.bytesRead === text.length || own.destroyed).toBe(true);
  return socket;
}

async function answerTo(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString().split('\r\n')[0]!;
}

async function closed(socket: Socket): Promise<void> {
  socket.resume();
  await expect.poll(() => socket.destroyed).toBe(true);
}

const states = (sockets: Socket[]) => sockets.map(({ destroyed }) => (destroyed ? 'closed' : 'open'));
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const HALF = 'GET / HTTP/1.1\r\nHost: x\r\n';
const HALF_BODY = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf';

describe('ConnectionLimits', () => {
  it.each([{ perAddress: 3 }, { total: 3 }])('at %j lets the longest idle one go first', async (bounds) => {
    await listen(bounds, (_request, response) => response.end());
    const silent = await peer();
    const half = await peer(HALF);
    const body = await peer(HALF_BODY);

    const fresh = await peer(GET);

    expect(await answerTo(fresh)).toContain('200');
    await closed(silent);
    expect(states([silent, half, fresh])).toEqual(['closed', 'open', 'open']);
    await peer();
    await closed(half);
    await peer();
    await closed(body);
    expect(states([fresh])).toEqual(['open']);
  });

  it('lets no request go that is being answered, nor a socket that was let in', async () => {
    const answers: (() => void)[] = [];
    await listen({ perAddress: 2 }, (_request, response) => answers.push(() => response.end()));
    server.on('upgrade', (_request, socket: Duplex) => limits.keep(socket));
    const upgraded = await peer('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    const asking = await peer(GET);

    const turnedAway = await peer();

    await closed(turnedAway);
    answers[0]!();
    expect(await answerTo(asking)).toContain('200');
    const next = await peer(GET);
    await closed(asking);
    expect(states([upgraded, next])).toEqual(['open', 'open']);
  });

  it('counts a proxy of the operator by the total alone', async () => {
    await listen({ perAddress: 1, trust: () => true }, (_request, response) => response.end());
    const several = [await peer(HALF), await peer(HALF), await peer(HALF)];

    expect(states(several)).toEqual(['open', 'open', 'open']);
  });

  it('has no bound for an address where there is none', async () => {
    await listen({ perAddress: 0 }, (_request, response) => response.end());
    const several = [await peer(HALF), await peer(HALF)];

    expect(states(several)).toEqual(['open', 'open']);
  });
});
