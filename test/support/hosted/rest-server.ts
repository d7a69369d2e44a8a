import pg from 'pg';
import { messageOf } from '../../../src/common/error-message.js';
import { parseRequest, type RestRequest } from '../../../src/supabase/rest-request.js';
import type { RestCaller } from './access-token.js';
import { AnswerError, errorAnswer, type HostedAnswer } from './answer.js';
import { answerToDatabaseError } from './database-error.js';
import { type ProjectSchema, readProjectSchema } from './project-schema.js';
import { answerOf, checkSingular, type MainResult } from './rest-answers.js';
import { checkHeaders } from './rest-headers.js';
import { SchemaListener } from './schema-listener.js';
import type { HostedPlan } from './hosted-plan.js';
import { orUnruled, planRequest } from './rest-plan.js';

/** What PostgREST is set up with. */
export interface RestServerOptions {
  /** The authenticator's. */
  connectionString: string;
  /** Config.hs, `db-max-rows`; 1000 in projects (Settings → API → "Max rows"). */
  maxRows: number;
  /** Config.hs, `db-pool`: 10 by default. */
  poolSize: number;
  /** Config.hs, `db-pool-acquisition-timeout`: 10 s. */
  acquisitionMs: number;
}

/** A request as the gateway hands it on. */
export interface RestCall {
  method: string;
  url: URL;
  headers: Headers;
  body: string;
  caller: RestCaller;
  /** Who the process is that came through a door of its own; the database sees it as `application_name`. */
  process: string | undefined;
}

/** The part of PostgREST: requests become transactions of the caller's role. */
export class RestServer {
  private readonly options: RestServerOptions;
  private readonly pool: pg.Pool;
  private readonly listener: SchemaListener;
  private schema: ProjectSchema | undefined;

  private constructor(options: RestServerOptions) {
    this.options = options;
    this.pool = new pg.Pool({
      connectionString: options.connectionString,
      max: options.poolSize,
      connectionTimeoutMillis: options.acquisitionMs,
      // Config.hs, `db-pool-max-idletime`.
      idleTimeoutMillis: 30_000,
      application_name: 'postgrest',
      allowExitOnIdle: true,
    });
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => client.on('error', () => undefined));
    this.listener = new SchemaListener(options.connectionString, async (client) => {
      this.schema = await readProjectSchema(client);
    });
  }

  /** @throws Error where the schema can't be read */
  static async start(options: RestServerOptions): Promise<RestServer> {
    const server = new RestServer(options);
    await server.listener.start();
    return server;
  }

  async close(): Promise<void> {
    await this.listener.close();
    await this.pool.end();
  }

  /** @throws UnruledError for what there is no rule for */
  async answer(call: RestCall): Promise<HostedAnswer> {
    try {
      const schema = this.schema;
      if (schema === undefined) {
        const message = 'Could not query the database for the schema cache. Retrying.';
        return errorAnswer(503, 'PGRST002', message);
      }
      checkHeaders(call.method, call.headers);
      const { method, url, headers, body } = call;
      const request = orUnruled(() => parseRequest(url, { method, headers, body }));
      const plan = planRequest(request, body, schema, this.options.maxRows);
      return answerOf(request, await this.transaction(call, request, plan, schema), plan.routine);
    } catch (error) {
      if (error instanceof AnswerError) {
        return error.answer;
      }
      throw error;
    }
  }

  /** MainTx.hs, `mainTx`; hasql's `transactionNoRetry`. */
  private async transaction(
    call: RestCall,
    request: RestRequest,
    plan: HostedPlan,
    schema: ProjectSchema,
  ): Promise<MainResult> {
    const client = await this.connection();
    let broken: Error | undefined;
    const onError = (error: Error) => (broken ??= error);
    client.on('error', onError);
    try {
      await client.query(`begin isolation level read committed ${plan.mode}`);
      const settings = settingsOf(call, plan, schema);
      const list = settings.map((_, index) => `set_config($${2 * index + 1}, $${2 * index + 2}, true)`);
      await client.query(`select ${list.join(', ')}`, settings.flat());
      const { rows } = await client.query<Record<keyof MainResult, string | null>>(plan.text, plan.params);
      const row = rows[0];
      const total = row?.total ?? null;
      const result: MainResult = {
        body: row?.body ?? '',
        page: Number(row?.page ?? 0),
        total: total === null ? null : Number(total),
      };
      checkSingular(request, result);
      await client.query('commit');
      return result;
    } catch (error) {
      const answer =
        error instanceof AnswerError
          ? error.answer
          : answerToDatabaseError(error, call.caller.role !== 'anon');
      await client.query('rollback').catch((cause: Error) => (broken ??= cause));
      throw new AnswerError(answer);
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  /** @throws AnswerError PGRST003 when all are in use for too long, PGRST000 when there is no database */
  private async connection(): Promise<pg.PoolClient> {
    try {
      return await this.pool.connect();
    } catch (error) {
      const text = messageOf(error);
      throw new AnswerError(
        text.startsWith('timeout exceeded')
          ? errorAnswer(504, 'PGRST003', 'Timed out acquiring connection from connection pool.')
          : errorAnswer(503, 'PGRST000', 'Database connection error.', { details: text }),
      );
    }
  }
}

/** Query/PreQuery.hs, `txVarQuery`, in its order: settings of the role come before the role. */
function settingsOf(call: RestCall, plan: HostedPlan, schema: ProjectSchema): [string, string][] {
  const { role, claims } = call.caller;
  return [
    // The schema asked for, then `db-extra-search-path`, which is `public,extensions` in projects.
    ['search_path', '"public", "public", "extensions"'],
    ...(schema.roleSettings.get(role) ?? []),
    ['role', role],
    ['request.jwt.claims', JSON.stringify({ ...claims, role })],
    ['request.method', call.method],
    ['request.path', call.url.pathname.replace(/^\/rest\/v1/, '')],
    ['request.headers', JSON.stringify(Object.fromEntries(call.headers))],
    ['request.cookies', '{}'],
    ...(plan.routine?.settings ?? []),
    // PostgREST has no such thing: for tests that ask the database which process did something.
    ...(call.process === undefined ? [] : [['application_name', call.process] satisfies [string, string]]),
  ];
}
