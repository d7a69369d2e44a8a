import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AllowList } from './allow-list.js';
import { askNameServers } from './name-servers.js';

const A = 1;
const AAAA = 28;

let socket: Socket | undefined;
afterEach(() => {
  socket?.close();
  socket = undefined;
});

/** @param records by type, what is answered; of others there are none; left out, it keeps silent */
async function nameServer(records?: Readonly<Record<number, number[]>>): Promise<string> {
  socket = createSocket('udp4');
  socket.on('message', (question, { port }) => {
    const end = question.indexOf(0, 12) + 5;
    const data = records?.[question.readUInt16BE(end - 4)];
    if (records) {
      const header = Buffer.from([0, 0, 0x81, 0x80, 0, 1, 0, data ? 1 : 0, 0, 0, 0, 0]);
      question.copy(header, 0, 0, 2);
      const asked = question.subarray(12, end);
      const answer = data ? [0xc0, 12, ...asked.subarray(-4), 0, 0, 0, 60, 0, data.length, ...data] : [];
      socket!.send(Buffer.concat([header, asked, Buffer.from(answer)]), port, '127.0.0.1');
    }
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return `127.0.0.1:${(socket.address() as AddressInfo).port}`;
}

const nothingAllowed = new AllowList([]);

describe('askNameServers', () => {
  it('finds the addresses of both families', async () => {
    const server = await nameServer({ [A]: [93, 184, 216, 34], [AAAA]: [0x26, 6, ...Array(13).fill(0), 1] });

    expect(await askNameServers(nothingAllowed, [server])('hooks.example.com')).toEqual([
      { address: '93.184.216.34', family: 4 },
      { address: '2606::1', family: 6 },
    ]);
  });

  it('is content with one of them', async () => {
    const server = await nameServer({ [A]: [93, 184, 216, 34] });

    expect(await askNameServers(nothingAllowed, [server])('hooks.example.com')).toEqual([
      { address: '93.184.216.34', family: 4 },
    ]);
  });

  it('fails where there is none, and where the server keeps silent, in bounded time', async () => {
    const none = await nameServer({});
    await expect(askNameServers(nothingAllowed, [none])('a.example.com')).rejects.toMatchObject({
      code: 'ENODATA',
    });
    socket!.close();
    const silent = await nameServer();
    const startedAt = performance.now();
    await expect(askNameServers(nothingAllowed, [silent])('a.example.com')).rejects.toMatchObject({
      code: 'ETIMEOUT',
    });
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  it('asks nobody for names of the operator’s own', async () => {
    const server = await nameServer({});

    expect(await askNameServers(new AllowList(['localhost']), [server])('localhost')).not.toEqual([]);
  });
});
