import { randomUUID } from 'node:crypto';
import { messageOf } from '../common/error-message.js';
import { DatabaseCheckRepository } from '../repositories/database-check.repository.js';
import { DatabaseUnavailableError } from '../repositories/database-unavailable-error.js';
import { DatabaseRejectedError } from '../repositories/database-rejected-error.js';
import { InboxRepository } from '../repositories/inbox.repository.js';
import { SessionStoreRepository } from '../repositories/session-store.repository.js';
import { type AdminCommand, argumentsOf, type CommandContext } from './admin-command.js';

const ROUND_TRIPS = 20;
const PARALLEL = 16;
const ONE_MB = 1_000_000;
/** The longest list that the service asks for has 501 rows. */
const LONGEST_LIST = 501;
/** Tokens and leases go by clocks. */
const MAX_CLOCK_DIFFERENCE_MS = 5_000;
const SLOW_ROUND_TRIP_MS = 200;
/** A commit may have 10 s, and megabytes in it. */
const SLOW_TRANSFER_MS = 5_000;

/** What a look found: `false` is a fault. */
type Finding = [isFine: boolean, text: string];

const CHECKS: [name: string, look: (database: Databases) => Promise<Finding>][] = [
  ['key', lookAtRole],
  ['migrations', lookAtVersions],
  ['limits', lookAtLimits],
  ['clock', lookAtClock],
  ['lists', lookAtLists],
  ['round trip', lookAtRoundTrip],
  ['write', lookAtWrite],
  ['1 MB up', (databases) => lookAtTransfer(databases, { send: ONE_MB })],
  ['1 MB down', (databases) => lookAtTransfer(databases, { receive: ONE_MB })],
  [`${PARALLEL} at once`, lookAtParallel],
];

/** Says whether the database that is configured does what the service needs, and how fast. Changes nothing that stays. */
export const checkDatabase: AdminCommand = {
  usage: 'check-database',
  summary:
    'Says whether the database does what the service needs: rights, versions, limits, round trips, a write that leaves nothing.',
  options: {},
  isLook: true,
  async run(input, context) {
    argumentsOf(input, []);
    const databases = databasesOf(context);
    const lines: string[] = [];
    let faults = 0;
    for (const [name, look] of CHECKS) {
      const [isFine, text] = await look(databases).catch((error: unknown): Finding => [
        false,
        wordsOf(error),
      ]);
      faults += isFine ? 0 : 1;
      lines.push(`${isFine ? 'ok  ' : 'FAIL'}  ${name.padEnd(10)}  ${text}`);
    }
    const note =
      faults === 0
        ? 'The database does what the service needs.'
        : `${faults} of ${CHECKS.length} checks failed: see what they say, and docs/operations.md.`;
    return { result: lines.join('\n'), note, isBad: faults > 0 };
  },
};

interface Databases {
  itself: DatabaseCheckRepository;
  sessions: SessionStoreRepository;
  inbox: InboxRepository;
}

function databasesOf({ client }: CommandContext): Databases {
  return {
    itself: new DatabaseCheckRepository(client),
    sessions: new SessionStoreRepository(client),
    inbox: new InboxRepository(client),
  };
}

async function lookAtRole({ itself }: Databases): Promise<Finding> {
  const { role, serverVersion, isReadOnly } = await itself.describe();
  const words = `role ${role}, Postgres ${serverVersion}`;
  return isReadOnly ? [false, `${words}, read-only: it takes no writes`] : [true, words];
}

/** That none is missing was seen when the database was opened. */
async function lookAtVersions({ itself }: Databases): Promise<Finding> {
  const versions = await itself.versions();
  return [versions.length > 0, `${versions.length} recorded, the last one ${versions.at(-1) ?? 'none'}`];
}

async function lookAtLimits({ itself }: Databases): Promise<Finding> {
  const { statementTimeout, lockTimeout } = await itself.describe();
  return [true, `statement timeout ${nameLimit(statementTimeout)}, lock timeout ${nameLimit(lockTimeout)}`];
}

async function lookAtClock({ itself }: Databases): Promise<Finding> {
  const before = Date.now();
  const { now } = await itself.describe();
  const differenceMs = Math.round(now.getTime() - (before + Date.now()) / 2);
  return [Math.abs(differenceMs) <= MAX_CLOCK_DIFFERENCE_MS, `${differenceMs} ms ahead of this machine's`];
}

async function lookAtLists({ itself }: Databases): Promise<Finding> {
  const count = await itself.countRows(LONGEST_LIST);
  return count === LONGEST_LIST
    ? [true, `${LONGEST_LIST} rows arrive whole`]
    : [false, `cut at ${count} rows: raise Settings → Data API → Max rows (PGRST_DB_MAX_ROWS) to 1000`];
}

async function lookAtRoundTrip({ itself }: Databases): Promise<Finding> {
  const times: number[] = [];
  for (let round = 0; round < ROUND_TRIPS; round++) {
    times.push(await timed(() => itself.describe()));
  }
  times.sort((one, other) => one - other);
  const [median, slowest] = [times[ROUND_TRIPS / 2]!, times.at(-1)!];
  const words = `${median.toFixed(1)} ms in the median of ${ROUND_TRIPS}, ${slowest.toFixed(1)} ms at most`;
  return median <= SLOW_ROUND_TRIP_MS
    ? [true, words]
    : [false, `${words}: run the service nearer to its database`];
}

/** An empty commit, and a claim of nobody's messages. */
async function lookAtWrite({ sessions, inbox }: Databases): Promise<Finding> {
  const nothing = { epochs: [], credentials: [], upserts: [], deletes: [], inbox: [] };
  const writer = randomUUID();
  const commitMs = await timed(() => sessions.commitBatch({ ...nothing, writer, seq: 1 }));
  const repeated = await sessions.commitBatch({ ...nothing, writer, seq: 1, isEncoded: true });
  const claim = { worker: 'check-database', limit: 1, leaseSeconds: 1, instanceId: randomUUID() };
  const claimMs = await timed(() => inbox.claim(claim));
  return [
    repeated.outcome === 'already',
    `commit ${commitMs.toFixed(1)} ms, ${repeated.outcome === 'already' ? 'kept' : 'NOT KEPT'}; claim ${claimMs.toFixed(1)} ms`,
  ];
}

async function lookAtTransfer(
  { itself }: Databases,
  size: { send?: number; receive?: number },
): Promise<Finding> {
  let arrived = 0;
  const ms = await timed(async () => {
    const answer = await itself.describe(size);
    arrived = size.send === undefined ? answer.paddingCharacters : answer.receivedCharacters;
  });
  const words = `${Math.round(ms)} ms, ${((8 * arrived) / 1_000 / ms).toFixed(1)} Mbit/s`;
  return [arrived === ONE_MB && ms <= SLOW_TRANSFER_MS, words];
}

async function lookAtParallel({ itself }: Databases): Promise<Finding> {
  let failures: unknown[] = [];
  const ms = await timed(async () => {
    const settled = await Promise.allSettled(Array.from({ length: PARALLEL }, () => itself.describe()));
    failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  });
  return failures.length === 0
    ? [true, `${Math.round(ms)} ms together`]
    : [false, `${failures.length} failed: ${wordsOf(failures[0])}`];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function nameLimit(limit: string): string {
  return limit === '0' ? 'none' : limit;
}

function wordsOf(error: unknown): string {
  if (error instanceof DatabaseUnavailableError) {
    const { message } = (error.cause ?? {}) as { message?: string };
    const { httpStatus, answerCode } = error;
    const status = httpStatus === 0 ? 'no answer' : `HTTP ${httpStatus}`;
    return [status, answerCode, message].filter(Boolean).join(' ');
  }
  if (error instanceof DatabaseRejectedError) {
    return `refused by the database: ${error.sqlState} ${error.detail}`.trim();
  }
  return messageOf(error);
}
