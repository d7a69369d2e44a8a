import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasLoopbackOrigin, hasLoopbackHost } from '../loopback-guard.js';
import { PairingError } from '../server/pairing/pairing-error.js';
import { ControlError } from './control-error.js';
import type { ControlTarget } from './control-target.js';
import { Fields } from './fields.js';
import type { Route } from './route.js';
import { ROUTES } from './routes.js';

const MAX_BODY_BYTES = 1024 * 1024;
const PREFIX = '/control';

/** The JSON API that moves phones and causes faults from outside the process. Loopback only, also by name. */
export class ControlApi {
  private readonly routes = ROUTES.map((route) => ({ route, segments: route.path.split('/') }));

  constructor(private readonly simulator: ControlTarget) {}

  /** Answers one request; never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    this.answer(request, response).then(
      (body) => reply(response, 200, body),
      (error: unknown) => refuse(response, error),
    );
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    if (!hasLoopbackHost(request)) {
      throw new ControlError(403, 'forbidden', 'the control API answers under loopback names only');
    }
    allowLoopbackOrigin(request, response);
    if (request.method === 'OPTIONS') {
      return {};
    }
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === PREFIX || url.pathname === `${PREFIX}/`) {
      return this.describe();
    }
    const { route, params } = this.find(request.method ?? 'GET', url.pathname);
    const values = route.method === 'POST' ? await readBody(request) : Object.fromEntries(url.searchParams);
    return (await route.answer({ simulator: this.simulator, params, input: new Fields(values) })) ?? {};
  }

  private describe(): unknown {
    const routes = ROUTES.map(({ method, path, summary }) => ({ method, path: PREFIX + path, summary }));
    return { name: 'auzap WhatsApp simulator', url: this.simulator.url, routes };
  }

  private find(method: string, pathname: string): { route: Route; params: Record<string, string> } {
    const given = pathname.startsWith(PREFIX) ? pathname.slice(PREFIX.length).split('/') : [];
    const matches = this.routes.flatMap(({ route, segments }) => {
      const params = matchPath(segments, given);
      return params ? [{ route, params }] : [];
    });
    const match = matches.find(({ route }) => route.method === method);
    if (match) {
      return match;
    }
    throw matches.length > 0
      ? new ControlError(405, 'method-not-allowed', `${method} is not for ${pathname}`)
      : new ControlError(404, 'not-found', `nothing at ${pathname}; GET ${PREFIX} lists the routes`);
  }
}

function matchPath(
  segments: readonly string[],
  given: readonly string[],
): Record<string, string> | undefined {
  if (segments.length !== given.length) {
    return undefined;
  }
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith(':')) {
      params[segment.slice(1)] = decodePart(value);
    } else if (segment !== value) {
      return undefined;
    }
  }
  return params;
}

function decodePart(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new ControlError(400, 'invalid-input', 'the path is not well encoded');
  }
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      throw new ControlError(413, 'too-large', `a body may have ${MAX_BODY_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  if (size === 0) {
    return {};
  }
  if (!(request.headers['content-type'] ?? '').startsWith('application/json')) {
    throw new ControlError(415, 'unsupported-media-type', 'the body must be application/json');
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new ControlError(400, 'invalid-input', 'the body is no JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ControlError(400, 'invalid-input', 'the body must be a JSON object');
  }
  return body as Record<string, unknown>;
}

function allowLoopbackOrigin(request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers;
  if (!hasLoopbackOrigin(request)) {
    throw new ControlError(403, 'forbidden', 'pages of this origin may not use the control API');
  }
  if (origin === undefined) {
    return;
  }
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-headers', 'content-type');
  response.setHeader('access-control-allow-methods', 'GET, POST, DELETE');
  response.setHeader('vary', 'origin');
}

function refuse(response: ServerResponse, error: unknown): void {
  if (error instanceof ControlError) {
    reply(response, error.status, { error: error.message, code: error.code });
  } else if (error instanceof PairingError) {
    reply(response, 409, { error: error.message, code: error.code });
  } else {
    reply(response, 500, { error: 'internal error', code: 'internal' });
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  if (response.writableEnded || response.destroyed) {
    return;
  }
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(`${JSON.stringify(body)}\n`);
}
