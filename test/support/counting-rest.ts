import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { findMigrationsFolder, readMigrations } from '../../src/supabase/migration-files.js';
import { migrate } from '../../src/supabase/migrator.js';
import { PgliteExecutor } from '../../src/supabase/pglite-executor.js';
import { createRestFetch } from '../../src/supabase/rest-fetch.js';

/** A database that is reached by HTTP, as a hosted one is, and that tells what it was asked. */
export interface CountingRest {
  url: string;
  /** Names of functions and tables, in the order of the calls. */
  asked: string[];
  stop(): Promise<void>;
}

/** @returns an empty, migrated database of its own */
export async function startCountingRest(): Promise<CountingRest> {
  const executor = await PgliteExecutor.open(undefined);
  await migrate(executor, await readMigrations(findMigrationsFolder()));
  const rest = createRestFetch(executor);
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(new URL(request.url!, 'http://database').pathname.split('/').at(-1)!);
    void text(request)
      .then((body) =>
        rest(`http://database${request.url}`, {
          method: request.method!,
          headers: request.headers as Record<string, string>,
          ...(body !== '' && { body }),
        }),
      )
      .then(async (answer) => {
        response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
      });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await executor.close();
    },
  };
}
