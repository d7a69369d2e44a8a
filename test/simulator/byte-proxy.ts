import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/** A WebSocket proxy that re-cuts what clients say: every byte its own message, or everything of a tick joined. */
export class ByteProxy {
  private constructor(
    private readonly server: WebSocketServer,
    readonly url: string,
  ) {}

  static async start(target: string, mode: 'bytes' | 'coalesced'): Promise<ByteProxy> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    server.on('connection', (client) => connect(client, new WebSocket(target), mode));
    return new ByteProxy(server, `ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  stop(): void {
    for (const client of this.server.clients) {
      client.terminate();
    }
    this.server.close();
  }
}

function connect(client: WebSocket, upstream: WebSocket, mode: 'bytes' | 'coalesced'): void {
  let waiting: Buffer[] = [];
  const flush = (): void => {
    const bytes = Buffer.concat(waiting);
    waiting = [];
    if (mode === 'coalesced') {
      upstream.send(bytes);
      return;
    }
    for (let i = 0; i < bytes.length; i++) {
      upstream.send(bytes.subarray(i, i + 1));
    }
  };
  client.on('message', (data: Buffer) => {
    waiting.push(data);
    if (upstream.readyState === upstream.OPEN && waiting.length === 1) {
      setImmediate(flush);
    }
  });
  upstream.on('open', () => waiting.length > 0 && flush());
  upstream.on('message', (data: Buffer) => client.send(data));
  upstream.on('close', () => client.close());
  upstream.on('error', () => client.terminate());
  client.on('close', () => upstream.terminate());
}
