import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WhatsAppProxy } from './whatsapp-proxy.js';

let server: Server;
let proxy: WhatsAppProxy;
let node: Socket;
let whatsapp: Socket;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await WhatsAppProxy.open(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/chat`);
  const arrived = once(server, 'connection') as Promise<[Socket]>;
  node = connect(Number(new URL(proxy.url).port), '127.0.0.1');
  [whatsapp] = await arrived;
});
afterEach(() => {
  node.destroy();
  proxy.close();
  server.close();
});

it('passes on what both sides say, and the end', async () => {
  node.write('hello');
  expect(String((await once(whatsapp, 'data'))[0])).toBe('hello');
  whatsapp.end('bye');
  expect(String((await once(node, 'data'))[0])).toBe('bye');
  await once(node, 'end');
  expect(proxy.saidOnCutOff).toBe(0);
});

it('counts what is said on a connection that is cut off, which looks open until the node closes it', async () => {
  proxy.cutOffConnections();
  whatsapp.end('nobody hears this');
  await once(whatsapp, 'end').catch(() => undefined);
  node.write('still here');
  await expect.poll(() => proxy.saidOnCutOff).toBe(10);
  node.write(Buffer.from([0x88, 0x80, 0, 0, 0, 0]));
  expect(node.readableEnded).toBe(false);
  expect(proxy.openCutOff).toBe(1);

  node.end();
  await expect.poll(() => proxy.openCutOff).toBe(0);
  expect(proxy.saidOnCutOff).toBe(10);
});
