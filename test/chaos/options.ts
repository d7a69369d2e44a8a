import { parseArgs } from 'node:util';
import { messageOf } from '../../src/common/error-message.js';

/** Which database the service keeps its data in. */
export type DatabaseKind = 'postgres' | 'pglite' | 'hosted';

/** Who is there, and how much they write. */
export interface LoadOptions {
  organizations: number;
  /** For each organization. */
  instances: number;
  clients: number;
  /** A new client after so many messages. */
  newClientEvery: number;
  /** Messages a second. */
  rate: number;
  /** Replies a second. */
  replies: number;
}

/** What a run does. */
export interface ChaosOptions extends LoadOptions {
  kills: number;
  /** Ends the kills early, in seconds. */
  duration: number | undefined;
  seed: string;
  database: DatabaseKind;
  databaseUrl: string | undefined;
  /** To a hosted database, in ms. */
  roundTrip: number;
  /** Run the plain handler in place of the service. */
  control: boolean;
  /** Whether the usual message takes the fast lane. */
  fastReceive: 'on' | 'off';
  /** Seconds of faults that the service must survive without a restart. */
  survive: number;
  /** Seconds for which the database is stopped under load, without a restart. */
  outage: number;
  /** Seconds for which the database's disk is full under load, without a restart. */
  full: number;
  /** Other faults a second. */
  faults: number;
  /** Seconds without any progress after which the wait for quiet ends. */
  patience: number;
  /** Kinds of faults; empty for all. */
  only: string[];
  /** Kinds of faults to leave out. */
  without: string[];
  /** Where details of a failed run are written. */
  report: string;
  json: boolean;
  dist: string;
}

export const USAGE = `Kills, freezes and disturbs the built service at random moments under load, then compares what phones sent with what
is stored, and what callers were told of their sends with what phones got. Ends with 0 when nothing was lost, doubled, out of order or acknowledged early, with 1 otherwise.

  npm run test:chaos -- --kills 1000 --seed 42 --database postgres

  --kills <n>             SIGKILLs (20)
  --duration <s>          ends the kills after so many seconds
  --seed <text>           same faults, same load (random; it is printed)
  --database <which>      postgres (its own, started for the run), pglite, or hosted: a stand-in for a Supabase project (postgres)
  --round-trip <ms>       to a hosted one (20)
  --database-url <url>    a Postgres to make a database in; then it is not stopped or frozen ($TEST_DATABASE_URL)
  --control               a plain Baileys handler instead of the service: it must fail
  --fast-receive <on|off> FAST_RECEIVE of the service (on)
  --organizations <n>     (4)   --instances <n>  numbers for each (2)
  --clients <n>           (12)  --new-client-every <n>  messages (40)
  --rate <n>              messages a second (80)   --replies <n>  replies a second (6)
  --survive <s>           seconds of other faults without a restart, at the end (10)
  --outage <s>            seconds without the database under load, at the end (5)
  --full <s>              seconds with a full disk under load, at the end (0)
  --faults <n>            other faults a second, on average (2)
  --patience <s>          without any progress, until what is still open counts as stuck (90)
  --only <kinds>          no other faults than these, e.g. disk-full,log-disk-full
  --without <kinds>       faults to leave out, e.g. disk-full,reorder
  --report <folder>       where details of a failure go (logs/chaos)
  --json                  prints the figures as JSON
  --dist <folder>         the build to test (dist)
`;

/** A command line that can't be understood. */
export class UsageError extends Error {}

/** @throws UsageError */
export function readOptions(args: string[], environment: NodeJS.ProcessEnv): ChaosOptions | 'help' {
  const { values } = parse(args);
  if (values.help) {
    return 'help';
  }
  const database = values.database ?? 'postgres';
  if (database !== 'postgres' && database !== 'pglite' && database !== 'hosted') {
    throw new UsageError('--database is postgres, pglite or hosted');
  }
  const fastReceive = values['fast-receive'] ?? 'on';
  if (fastReceive !== 'on' && fastReceive !== 'off') {
    throw new UsageError('--fast-receive is on or off');
  }
  if (database === 'hosted' && values.control === true) {
    throw new UsageError('--control needs SQL: --database postgres');
  }
  return {
    kills: numberOf('kills', values.kills, 20),
    duration: values.duration === undefined ? undefined : numberOf('duration', values.duration, 0),
    seed: values.seed ?? String(Math.trunc(Math.random() * 1e9)),
    database,
    databaseUrl: values['database-url'] ?? environment['TEST_DATABASE_URL'],
    roundTrip: numberOf('round-trip', values['round-trip'], 20),
    control: values.control ?? false,
    fastReceive,
    organizations: numberOf('organizations', values.organizations, 4),
    instances: numberOf('instances', values.instances, 2),
    clients: numberOf('clients', values.clients, 12),
    newClientEvery: numberOf('new-client-every', values['new-client-every'], 40),
    rate: numberOf('rate', values.rate, 80),
    replies: numberOf('replies', values.replies, 6),
    survive: numberOf('survive', values.survive, 10),
    outage: numberOf('outage', values.outage, 5),
    faults: numberOf('faults', values.faults, 2),
    patience: numberOf('patience', values.patience, 90),
    full: numberOf('full', values.full, 0),
    only: values.only?.split(',') ?? [],
    without: values.without?.split(',') ?? [],
    report: values.report ?? 'logs/chaos',
    json: values.json ?? false,
    dist: values.dist ?? 'dist',
  };
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args,
      options: {
        kills: text,
        duration: text,
        seed: text,
        database: text,
        'database-url': text,
        'round-trip': text,
        control: flag,
        'fast-receive': text,
        organizations: text,
        instances: text,
        clients: text,
        'new-client-every': text,
        rate: text,
        replies: text,
        survive: text,
        outage: text,
        faults: text,
        patience: text,
        full: text,
        only: text,
        without: text,
        report: text,
        json: flag,
        dist: text,
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

/** @throws UsageError */
export function numberOf(name: string, given: string | undefined, fallback: number): number {
  const value = given === undefined ? fallback : Number(given);
  if (!Number.isFinite(value) || value < 0) {
    throw new UsageError(`--${name} is a number`);
  }
  return value;
}
