import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { callerOf, tokenForRest } from './access-token.js';
import { AnswerError, gatewayAnswer, type HostedAnswer, JSON_TYPE, UnruledError } from './answer.js';
import { Counters } from './counters.js';
import { FAULT_ANSWERS } from './fault-answers.js';
import { Faults, type MetFault } from './faults.js';
import type { ProjectKeys } from './project-keys.js';
import type { RestServer } from './rest-server.js';
import type { StorageServer } from './storage-server.js';

export interface GatewayOptions {
  port: number;
  /** Added to every request, half on the way there and half on the way back. */
  roundTripMs: number;
  /** After which a connection without requests is closed. */
  keepAliveMs: number;
  seed: number;
  keys: ProjectKeys;
  /** Keys of users' tokens, as Auth publishes them. */
  jwks: object;
  /** Undefined: there is none. */
  storage: StorageServer | undefined;
}

/** https://developers.cloudflare.com/workers/platform/limits/: URLs of 16 KB, bodies of 100 MB. */
const LONGEST_URL = 16 * 1024;
const LARGEST_BODY = 100 * 1024 * 1024;
const MOST_VIOLATIONS = 100;
const JWKS_PATH = '/auth/v1/.well-known/jwks.json';

/** The HTTP side of a project: keys, limits, latency, faults. */
export class Gateway {
  readonly faults: Faults;
  readonly counters = new Counters();
  /** What was asked that there is no rule for: a project's answer to it is not known. */
  readonly violations: string[] = [];
  roundTripMs: number;
  private readonly options: GatewayOptions;
  private readonly rest: RestServer;
  /** The first one is everybody's. */
  private readonly servers: Server[] = [];
  private readonly underWay = new Set<Promise<void>>();

  private constructor(options: GatewayOptions, rest: RestServer) {
    this.options = options;
    this.rest = rest;
    this.roundTripMs = options.roundTripMs;
    this.faults = new Faults(options.seed);
  }

  static async listen(options: GatewayOptions, rest: RestServer): Promise<Gateway> {
    const gateway = new Gateway(options, rest);
    await gateway.openDoor(options.port, undefined);
    return gateway;
  }

  get port(): number {
    return portOf(this.servers[0]!);
  }

  /**
   * @param process whose door it is; everybody's where it is undefined
   * @returns its port
   */
  async openDoor(port: number, process: string | undefined): Promise<number> {
    // Larger heads than the longest URL, so that it is refused here and not by the parser.
    const server = createServer({ keepAliveTimeout: this.options.keepAliveMs, maxHeaderSize: 128 * 1024 });
    server.on('connection', (socket) => {
      socket.setNoDelay(true);
      this.counters.connected(socket);
    });
    server.on('request', (request, response) => {
      const work = this.serve(request, response, process).catch(() => {
        response.destroy();
      });
      this.underWay.add(work);
      void work.finally(() => this.underWay.delete(work));
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    this.servers.push(server);
    return portOf(server);
  }

  /** Closes every connection, whatever is under way on it. */
  cut(): void {
    this.servers.forEach((server) => server.closeAllConnections());
  }

  /** Ends all connections, and waits for what is still being done. */
  async close(): Promise<void> {
    this.servers.forEach((server) => server.close());
    this.cut();
    await Promise.all(this.underWay);
  }

  private async serve(
    request: IncomingMessage,
    response: ServerResponse,
    process: string | undefined,
  ): Promise<void> {
    const url = request.url ?? '/';
    const method = request.method ?? 'GET';
    const path = url.split('?', 1)[0]!;
    const name = `${method} ${path.replace(/^\/rest\/v1\//, '')}`;
    const call = this.counters.began(name, url);
    const target = path.slice(path.lastIndexOf('/') + 1);
    let status = 0;
    try {
      if (this.options.storage && path.startsWith('/storage/v1/')) {
        await this.passToStorage(request, response, this.options.storage);
        status = response.statusCode;
        return;
      }
      const body = await bodyOf(request);
      const fault = this.faults.meet(target, body);
      await this.travel();
      const answer = await this.answer(request, body, process, fault);
      await this.travel();
      if (answer === undefined) {
        response.destroy();
        return;
      }
      status = answer.status;
      write(response, answer, method);
    } finally {
      this.counters.ended(call, status);
    }
  }

  /** Files pass as they come. */
  private async passToStorage(
    request: IncomingMessage,
    response: ServerResponse,
    storage: StorageServer,
  ): Promise<void> {
    const { keys } = this.options;
    try {
      const caller = callerOf(tokenForRest(headersOf(request), keys), keys);
      await this.travel();
      await storage.answer(request, response, caller);
    } catch (error) {
      if (error instanceof AnswerError) {
        write(response, error.answer, request.method!);
        return;
      }
      if (!(error instanceof UnruledError)) {
        throw error;
      }
      this.violations.push(error.message);
      write(
        response,
        gatewayAnswer(501, { message: `The stand-in has no rule for ${error.message}` }),
        'GET',
      );
    }
  }

  /** @returns undefined where the connection is to be closed instead */
  private async answer(
    request: IncomingMessage,
    body: string | undefined,
    process: string | undefined,
    fault: MetFault | undefined,
  ): Promise<HostedAnswer | undefined> {
    if (fault?.when === 'before') {
      return faultAnswer(fault);
    }
    const answer = await this.honestAnswer(request, body, process);
    return fault === undefined ? answer : faultAnswer(fault);
  }

  private async honestAnswer(
    request: IncomingMessage,
    body: string | undefined,
    process: string | undefined,
  ): Promise<HostedAnswer> {
    const text = request.url ?? '/';
    if (Buffer.byteLength(text) > LONGEST_URL) {
      // https://github.com/supabase/postgrest-js/issues/423: "URI too long\n".
      return { status: 414, headers: { 'content-type': 'text/plain' }, body: 'URI too long\n' };
    }
    if (body === undefined) {
      return {
        status: 413,
        headers: { 'content-type': 'text/html' },
        body: '<h1>413 Request Entity Too Large</h1>',
      };
    }
    const url = new URL(text, 'http://project.invalid');
    const method = request.method ?? 'GET';
    if (url.pathname === JWKS_PATH && method === 'GET') {
      return { status: 200, headers: { 'content-type': JSON_TYPE }, body: JSON.stringify(this.options.jwks) };
    }
    const headers = headersOf(request);
    try {
      if (!url.pathname.startsWith('/rest/v1/')) {
        throw new UnruledError(`${method} ${url.pathname}`);
      }
      const caller = callerOf(tokenForRest(headers, this.options.keys), this.options.keys);
      return await this.rest.answer({ method, url, headers, body, caller, process });
    } catch (error) {
      if (error instanceof AnswerError) {
        return error.answer;
      }
      const what =
        error instanceof UnruledError ? error.message : `${String(error)} at ${method} ${url.pathname}`;
      if (this.violations.length < MOST_VIOLATIONS) {
        this.violations.push(what);
      }
      return gatewayAnswer(501, { message: `The stand-in has no rule for ${what}` });
    }
  }

  private async travel(): Promise<void> {
    if (this.roundTripMs > 0) {
      await after(this.roundTripMs / 2);
    }
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function faultAnswer({ kind }: MetFault): HostedAnswer | undefined {
  return kind === 'closed' ? undefined : FAULT_ANSWERS[kind];
}

function headersOf(request: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    headers.set(name, Array.isArray(value) ? value.join(', ') : (value ?? ''));
  }
  return headers;
}

/** @returns undefined where it is larger than it may be */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= LARGEST_BODY) {
      chunks.push(chunk);
    }
  }
  return length > LARGEST_BODY ? undefined : Buffer.concat(chunks).toString('utf8');
}

function write(response: ServerResponse, answer: HostedAnswer, method: string): void {
  const body = Buffer.from(answer.body);
  const isBodiless = answer.status === 204 || method === 'HEAD';
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(!isBodiless && { 'content-length': String(body.length) }),
  });
  response.end(isBodiless ? undefined : body);
}
