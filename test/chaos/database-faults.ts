import { setTimeout as delay } from 'node:timers/promises';
import type { ChaosDatabase } from './database.js';
import type { QuotaDisk } from './quota-disk.js';
import type { Fault } from './fault.js';
import { gatewayFaults } from './gateway-faults.js';
import type { PostgresServer } from './postgres-server.js';
import type { Random } from './random.js';

/** What can happen to the database. */
export function databaseFaults(database: ChaosDatabase, random: Random): Fault[] {
  const { server, disk } = database;
  return [
    ...(server ? serverFaults(server, random) : []),
    ...(database.isEmbedded ? [] : sharedFaults(database, random)),
    ...(database.project ? gatewayFaults(database.project, random) : []),
    ...(disk ? [diskFull(disk, server, random)] : []),
  ];
}

function serverFaults(server: PostgresServer, random: Random): Fault[] {
  const place = 'database';
  return [
    {
      kind: 'database frozen',
      weight: 1.5,
      place,
      run: async () => {
        await server.freeze();
        await delay(random.between(100, 2_500));
        await server.thaw();
      },
    },
    {
      kind: 'database crashed',
      weight: 0.7,
      place,
      run: async () => {
        await server.stopImmediately();
        await delay(random.between(0, 2_000));
        await server.start();
      },
    },
    {
      kind: 'database restarted',
      weight: 0.5,
      place,
      run: async () => {
        await server.stop();
        await delay(random.between(0, 500));
        await server.start();
      },
    },
  ];
}

function sharedFaults(database: ChaosDatabase, random: Random): Fault[] {
  const place = 'database';
  return [
    {
      kind: 'connections ended',
      weight: 1.5,
      place,
      run: async () => {
        await database.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()`,
        );
      },
    },
    {
      kind: 'tables locked',
      weight: 1,
      place,
      run: async () => {
        const table = random.pick(['inbox', 'whatsapp_session_keys', 'messages']);
        await database.query(
          `do $$ begin lock table ${table} in exclusive mode; perform pg_sleep(${random.between(0.1, 2)}); end $$`,
        );
      },
    },
  ];
}

function diskFull(disk: QuotaDisk, server: PostgresServer | undefined, random: Random): Fault {
  return {
    kind: 'disk full',
    weight: 0.7,
    place: 'database',
    run: async () => {
      await disk.fill();
      await delay(random.between(300, 2_500));
      disk.free();
      if (server && !server.isRunning) {
        await server.start();
      }
    },
  };
}
