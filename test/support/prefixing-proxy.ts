import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenOn } from './listen-on.js';

/** A reverse proxy that shows a service under a path of its own, as many do for several services under one name. */
export class PrefixingProxy {
  private constructor(
    private readonly server: Server,
    /** Of the service as seen through it, without a slash at the end. */
    readonly url: string,
  ) {}

  /**
   * @param target the service
   * @param prefix such as `/wa`; taken away before a call is passed on
   * @param headers what it tells the service
   */
  static async start(
    target: string,
    prefix: string,
    headers: Record<string, string> = {},
  ): Promise<PrefixingProxy> {
    const server = createServer((call, answer) => pass(call, answer, { target, prefix, headers }));
    await listenOn(server);
    const { port } = server.address() as AddressInfo;
    return new PrefixingProxy(server, `http://127.0.0.1:${port}${prefix}`);
  }

  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server.close(() => resolve());
    this.server.closeAllConnections();
    await promise;
  }
}

function pass(
  call: IncomingMessage,
  answer: ServerResponse,
  { target, prefix, headers }: { target: string; prefix: string; headers: Record<string, string> },
): void {
  const path = call.url ?? '/';
  if (!path.startsWith(`${prefix}/`)) {
    answer.writeHead(502).end('nothing here');
    return;
  }
  const { method = 'GET' } = call;
  const options = { method, headers: { ...call.headers, ...headers } };
  const passed = request(target + path.slice(prefix.length), options, (from) => {
    answer.writeHead(from.statusCode ?? 502, from.headers);
    from.pipe(answer);
  });
  passed.on('error', () => answer.destroy());
  call.pipe(passed);
}
