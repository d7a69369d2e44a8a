import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { SqlOptions, SqlResult } from './sql-executor.js';
import { answerSql } from './sql-run.js';
import { SQL_LIMITS, type SqlAnswer, type SqlRequest, sqlSocketPath } from './sql-socket.js';

type RunSql = (text: string, params: readonly (string | null)[], options: SqlOptions) => Promise<SqlResult>;

/** The service shares its one connection with these statements: what would outlive them is refused. */
const SESSION_STATEMENT =
  /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:begin|start|commit|end|rollback|abort|savepoint|release|prepare|deallocate|set|reset|discard|listen|unlisten|lock|declare)\b/i;

const MAX_CONNECTIONS = 8;
const IDLE_MS = SQL_LIMITS.timeoutMs + 5_000;

/**
 * Takes SQL of the operator while the service has the embedded database open: one request for each connection. Who may
 * use it is decided by the permissions of the socket's file (0600).
 */
export class SqlServer {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly path: string,
  ) {}

  /** @param dataDir folder of the embedded database, locked by this process */
  static async listen(dataDir: string, runSql: RunSql): Promise<SqlServer> {
    const path = sqlSocketPath(dataDir);
    // Left behind by a process that was killed; the lock says that it is gone.
    await rm(path, { force: true });
    const server = createServer();
    server.maxConnections = MAX_CONNECTIONS;
    const started = new SqlServer(server, path);
    server.on('connection', (socket) => started.serve(socket, runSql));
    await listenPrivately(server, path);
    return started;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server.close(() => resolve());
    for (const socket of this.sockets) {
      socket.destroy();
    }
    await promise;
    await rm(this.path, { force: true });
  }

  private serve(socket: Socket, runSql: RunSql): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.setEncoding('utf8');
    let received = '';
    const onData = (chunk: string) => {
      received += chunk;
      const end = chunk.includes('\n') ? received.indexOf('\n') : -1;
      if (end >= 0) {
        socket.off('data', onData);
        void answerLine(received.slice(0, end), runSql).then((answer) => {
          if (socket.writable) {
            socket.end(`${JSON.stringify(answer)}\n`);
          }
        });
      } else if (received.length > SQL_LIMITS.requestBytes) {
        socket.destroy();
      }
    };
    socket.on('data', onData);
  }
}

async function answerLine(line: string, runSql: RunSql): Promise<SqlAnswer> {
  const request = toRequest(line);
  if (request === undefined) {
    return { error: { code: '', message: 'not a request', detail: null, hint: null } };
  }
  const { sql, params = [] } = request;
  if (SESSION_STATEMENT.test(sql)) {
    const message = 'statements about transactions and settings are not taken while the service runs';
    return { error: { code: '0A000', message, detail: null, hint: null } };
  }
  return answerSql((text) => runSql(text, params, { timeoutMs: SQL_LIMITS.timeoutMs }), sql);
}

function toRequest(line: string): SqlRequest | undefined {
  try {
    const { sql, params = [] } = JSON.parse(line) as { sql?: unknown; params?: unknown };
    const isRequest =
      typeof sql === 'string' &&
      Array.isArray(params) &&
      params.every((param) => param === null || typeof param === 'string');
    return isRequest ? { sql, params: params as (string | null)[] } : undefined;
  } catch {
    return undefined;
  }
}

async function listenPrivately(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const umask = process.umask(0o177);
  try {
    server.once('error', reject);
    server.listen(path, resolve);
  } finally {
    process.umask(umask);
  }
  await promise;
  server.off('error', reject);
  await chmod(path, 0o600);
}
