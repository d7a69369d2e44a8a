import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { type DatabaseStore, type OpenDatabase, openDatabase } from './open-database.js';
import { SqlServer } from './sql-server.js';
import { SUPABASE_CLIENT } from './supabase-client.js';

/** Injection token of the open database behind the client: for what is no query of a repository. */
export const OPEN_DATABASE = Symbol('OPEN_DATABASE');

/** Provides `SUPABASE_CLIENT` over the store that the configuration names, migrated; closes it last, because everything that uses it imports it. */
@Module({
  providers: [
    { provide: OPEN_DATABASE, useFactory: openConfigured, inject: [AppConfig, Logs] },
    {
      provide: SUPABASE_CLIENT,
      useFactory: (database: OpenDatabase) => database.client,
      inject: [OPEN_DATABASE],
    },
  ],
  exports: [SUPABASE_CLIENT, OPEN_DATABASE],
})
export class SupabaseModule implements OnApplicationShutdown {
  constructor(@Inject(OPEN_DATABASE) private readonly database: OpenDatabase) {}

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}

/**
 * @param config the environment
 * @returns which store it names
 */
export function storeOf(
  config: Pick<AppConfig, 'supabaseUrl' | 'supabaseServiceRoleKey' | 'databaseUrl' | 'dataDir'>,
): DatabaseStore {
  if (config.supabaseUrl !== undefined && config.supabaseServiceRoleKey !== undefined) {
    return { kind: 'supabase', url: config.supabaseUrl, serviceRoleKey: config.supabaseServiceRoleKey };
  }
  if (config.databaseUrl !== undefined) {
    return { kind: 'postgres', connectionString: config.databaseUrl };
  }
  return { kind: 'embedded', dataDir: config.dataDir };
}

/** An orderly end would write to a database that is another process's, and keep lines open that are the other's by now. */
function endAtOnce(logger: Logger, err: Error): never {
  logger.fatal({ err }, 'DATA_DIR was lost: ending at once');
  process.stderr.write(`${err.message}\n`);
  process.exit(1);
}

async function openConfigured(config: AppConfig, logs: Logs): Promise<OpenDatabase> {
  const logger = logs.component('database');
  const store = storeOf(config);
  const startedAt = performance.now();
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGTERM', stop).once('SIGINT', stop);
  const database = await openDatabase({
    store,
    waitMs: config.startWaitMs,
    onWaiting: (cause) => logger.warn({ cause }, 'start waits for the database'),
    poolSize: config.databasePoolSize,
    wait: {
      waitMs: config.dataDirWaitSeconds * 1_000,
      signal: stopping.signal,
      onWait: (owner) =>
        logger.warn(
          { owner, waitSeconds: config.dataDirWaitSeconds },
          'another process has DATA_DIR: waiting for its end',
        ),
    },
    onLost: (err) => endAtOnce(logger, err),
    // The error itself holds the connection with its parameters.
    onIdleError: ({ message }) => logger.warn({ cause: message }, 'idle database connection failed'),
  }).finally(() => process.off('SIGTERM', stop).off('SIGINT', stop));
  const durationMs = Math.round(performance.now() - startedAt);
  logger.info({ store: store.kind, migrated: database.migrated.length, durationMs }, 'database is open');
  if (store.kind !== 'embedded' || store.dataDir === undefined) {
    return database;
  }
  try {
    const sqlServer = await SqlServer.listen(store.dataDir, database.sql);
    return {
      ...database,
      close: async () => {
        await sqlServer.close();
        await database.close();
      },
    };
  } catch (err) {
    // A convenience of the operator: the service is complete without it.
    logger.warn({ err }, 'sql socket is not available');
    return database;
  }
}
