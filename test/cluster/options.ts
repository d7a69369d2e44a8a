import { parseArgs } from 'node:util';
import { messageOf } from '../../src/common/error-message.js';
import { numberOf, UsageError } from '../chaos/options.js';
import type { ClusterOptions } from './cluster-options.js';
import { SCENARIOS, scenariosOf } from './scenarios.js';

export const USAGE = `Runs several processes of the built service on one Postgres and one Redis, kills, freezes and restarts them under load, and
compares what phones sent with what is stored. Ends with 0 when nothing was lost, doubled, out of order, acknowledged early,
or written by a process that did not own the session; with 1 otherwise.

  npm run test:cluster -- --scenarios failover,freeze --lease 10

  --scenarios <names>     ${[...SCENARIOS.keys()].join(',')} (all that are possible); a+b: in one run
${[...SCENARIOS].map(([name, { summary }]) => `                            ${name.padEnd(10)}${summary}`).join('\n')}
  --nodes <n>             API processes (2)
  --workers <n>           worker processes, over Redis (2); 0: a worker in each API process, without Redis
  --lease <s>             LEASE_SECONDS of the service (15)
  --rounds <n>            how often a scenario's faults happen (3)
  --seed <text>           same faults, same load (random; it is printed)
  --database <which>      postgres, or hosted: a stand-in for a Supabase project (postgres)   --round-trip <ms>  to it (20)
  --database-url <url>    a Postgres to make databases in, instead of an own one ($TEST_DATABASE_URL)
  --organizations <n>     (4)   --instances <n>  numbers for each (2)
  --clients <n>           (12)  --new-client-every <n>  messages (40)
  --rate <n>              messages a second (40)   --replies <n>  replies a second (4)   --calls <n>  other calls a second (4)
  --patience <s>          without any progress, until what is still open counts as stuck (60)
  --report <folder>       where details of a failure go (logs/cluster)
  --json                  prints the figures as JSON
  --dist <folder>         the build to test (dist)
`;

/** @throws UsageError */
export function readOptions(args: string[], environment: NodeJS.ProcessEnv): ClusterOptions | 'help' {
  const values = parse(args);
  if (values['help'] === true) {
    return 'help';
  }
  const text = (name: string) => values[name] as string | undefined;
  const number = (name: string, fallback: number) => numberOf(name, text(name), fallback);
  const workers = number('workers', 2);
  const possible = [...SCENARIOS].filter(([, { needsWorkers }]) => workers > 0 || !needsWorkers);
  const scenarios = text('scenarios')?.split(',') ?? possible.map(([name]) => name);
  for (const name of scenarios) {
    const parts = scenariosOf(name);
    if (parts.includes(undefined)) {
      throw new UsageError(`--scenarios ${name}: there are ${[...SCENARIOS.keys()].join(', ')}`);
    }
    if (workers === 0 && parts.some((scenario) => scenario?.needsWorkers)) {
      throw new UsageError(`--scenarios ${name} needs --workers 1 or more`);
    }
  }
  const database = text('database') ?? 'postgres';
  if (database !== 'postgres' && database !== 'hosted') {
    throw new UsageError('--database is postgres or hosted');
  }
  const nodes = number('nodes', 2);
  if (nodes < 2) {
    throw new UsageError('--nodes is 2 or more');
  }
  return {
    scenarios,
    nodes,
    workers,
    lease: number('lease', 15),
    rounds: number('rounds', 3),
    seed: text('seed') ?? String(Math.trunc(Math.random() * 1e9)),
    database,
    roundTrip: number('round-trip', 20),
    databaseUrl: text('database-url') ?? environment['TEST_DATABASE_URL'],
    without: ['disk-full'],
    organizations: number('organizations', 4),
    instances: number('instances', 2),
    clients: number('clients', 12),
    newClientEvery: number('new-client-every', 40),
    rate: number('rate', 40),
    replies: number('replies', 4),
    calls: number('calls', 4),
    patience: number('patience', 60),
    report: text('report') ?? 'logs/cluster',
    json: values['json'] === true,
    dist: text('dist') ?? 'dist',
  };
}

const TEXTS = [
  'scenarios',
  'nodes',
  'workers',
  'lease',
  'rounds',
  'seed',
  'database',
  'database-url',
  'round-trip',
  'organizations',
  'instances',
];
const MORE = ['clients', 'new-client-every', 'rate', 'replies', 'calls', 'patience', 'report', 'dist'];

function parse(args: string[]): Record<string, string | boolean | undefined> {
  const texts = [...TEXTS, ...MORE].map((name) => [name, { type: 'string' }] as const);
  const flags = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
  try {
    return parseArgs({ args, options: { ...Object.fromEntries(texts), ...flags } }).values as Record<
      string,
      string | boolean | undefined
    >;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}
