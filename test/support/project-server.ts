import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { findMigrationsFolder, readMigrations } from '../../src/supabase/migration-files.js';
import { migrate } from '../../src/supabase/migrator.js';
import { PgliteExecutor } from '../../src/supabase/pglite-executor.js';
import { createRestFetch } from '../../src/supabase/rest-fetch.js';
import { listenOn } from './listen-on.js';

/** A call of the service. */
export interface ProjectCall {
  /** Of the function or table. */
  name: string;
  body: string;
}

/** What is answered in place of the project. */
export interface StrangeAnswer {
  status: number;
  body?: string;
}

/** The address of a Supabase project: REST over a database in this process, and whatever stands before it. */
export class ProjectServer {
  /** Asked for each call: what is answered instead of the project, undefined lets the call through. */
  instead: (call: ProjectCall) => StrangeAnswer | undefined = () => undefined;

  private constructor(
    readonly url: string,
    private readonly server: Server,
    private readonly executor: PgliteExecutor,
  ) {}

  static async start(): Promise<ProjectServer> {
    const executor = await PgliteExecutor.open(undefined);
    await migrate(executor, await readMigrations(findMigrationsFolder()));
    const rest = createRestFetch(executor);
    const server = createServer();
    await listenOn(server);
    const { port } = server.address() as AddressInfo;
    const project = new ProjectServer(`http://127.0.0.1:${port}`, server, executor);
    server.on('request', (request, response) => {
      void project.answer(rest, request).then(({ status, body = '' }) => {
        const type = body.startsWith('<') ? 'text/html' : 'application/json; charset=utf-8';
        response.writeHead(status, { 'content-type': type }).end(status === 204 ? undefined : body);
      });
    });
    return project;
  }

  /** Runs one statement on its database. */
  async sql(text: string): Promise<Record<string, unknown>[]> {
    return (await this.executor.query(text)).rows;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await this.executor.close();
  }

  private async answer(rest: typeof fetch, request: IncomingMessage): Promise<StrangeAnswer> {
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    const url = new URL(request.url ?? '/', this.url);
    const strange = this.instead({ name: url.pathname.split('/').at(-1) ?? '', body });
    if (strange) {
      return strange;
    }
    const { method = 'GET' } = request;
    const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]);
    const answer = await rest(url, { method, headers, ...(body !== '' && { body }) });
    return { status: answer.status, body: await answer.text() };
  }
}
