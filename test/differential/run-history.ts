import {
  type AuthenticationCreds,
  BufferJSON,
  Curve,
  initAuthCreds,
  type KeyPair,
} from '@whiskeysockets/baileys';
import { silenceLibsignal } from '../../src/baileys/patches/libsignal-console.js';
import { keepUnfitSessionsIntact } from '../../src/baileys/patches/libsignal-sessions.js';
import { FastReceive } from '../../src/baileys/signal/fast-receive.js';
import { Random } from '../chaos/random.js';
import { Account, type Happened } from './account.js';
import { becomeDeterministic, setClock, takeChanceFrom } from './determinism.js';
import { type Both, History } from './history.js';
import { silenceLines } from './silent-line.js';

/** How many messages went which way. */
export interface Shares {
  /** Received in the fast lane. */
  fast: number;
  /** Given to the library by the fast lane. */
  library: number;
}

const PRE_KEYS = 60;
const OWN = { pn: '5521900000000', lid: '100000000000000' };
const OWN_CREDS = { id: `${OWN.pn}:4@s.whatsapp.net`, lid: `${OWN.lid}:4@lid`, name: 'Us' };

/** Of all histories: to make them takes longer than a history. */
let creds: string | undefined;
const preKeys = new Map<number, KeyPair>();
const shares: Shares = { fast: 0, library: 0 };

/** Prepares the process, once and for good. */
export function prepare(): void {
  if (creds !== undefined) {
    return;
  }
  silenceLibsignal();
  keepUnfitSessionsIntact();
  becomeDeterministic();
  silenceLines();
  const receive = Reflect.get(FastReceive.prototype, 'receive') as FastReceive['receive'];
  FastReceive.prototype.receive = function (this: FastReceive, stanza) {
    const received = receive.call(this, stanza);
    shares[received ? 'fast' : 'library'] += 1;
    return received;
  };
  setClock(1_700_000_000_000);
  takeChanceFrom(new Random('credentials'));
  for (let id = 1; id <= PRE_KEYS; id++) {
    preKeys.set(id, Curve.generateKeyPair());
  }
  const made: AuthenticationCreds = { ...initAuthCreds(), me: OWN_CREDS };
  creds = JSON.stringify(made, BufferJSON.replacer);
}

/** The two ways did not do the same. */
export class DifferenceError extends Error {}

/**
 * One history by both ways.
 * @param seed names it
 * @param steps how long it is
 * @throws DifferenceError at the first step after which anything differs
 */
export async function runHistory(seed: string, steps: number): Promise<Shares> {
  prepare();
  Object.assign(shares, { fast: 0, library: 0 });
  const accounts = [true, false].map((isFast) => new Account(isFast, creds!, preKeys));
  const random = new Random(seed);
  const done: string[] = [];
  const both: Both = async (name, work, isUnordered = false) => {
    const results: unknown[] = [];
    const happened: Happened[] = [];
    done.push(name);
    for (const account of accounts) {
      takeChanceFrom(new Random(`${seed}/step ${done.length}`));
      results.push(await outcomeOf(work, account));
      await account.quiet();
      happened.push(account.happened());
    }
    takeChanceFrom(random);
    const [fast, library] = happened;
    const difference = differenceOf(fast!, library!, isUnordered) ?? differ('result', results[0], results[1]);
    if (difference !== undefined) {
      throw new DifferenceError(`seed ${seed}, step ${done.length} (${name}): ${difference}`);
    }
    // Where both fail in the same way, they do the same.
    return (results[0] instanceof Failure ? undefined : results[0]) as never;
  };
  try {
    await new History(random, accounts[0]!, OWN, both).run(steps);
  } finally {
    for (const account of accounts) {
      await account.disconnect();
    }
  }
  return { ...shares };
}

/** What a step ended with where it failed. */
class Failure {
  readonly message: string;

  constructor(error: unknown) {
    this.message = String(error);
  }
}

async function outcomeOf(work: (account: Account) => unknown, account: Account): Promise<unknown> {
  try {
    return await work(account);
  } catch (error) {
    return new Failure(error);
  }
}

function differenceOf(fast: Happened, library: Happened, isUnordered: boolean): string | undefined {
  const ordered = (list: string[]) => (isUnordered ? list.toSorted() : list);
  return (
    differ('rows', rowsOf(fast, isUnordered), rowsOf(library, isUnordered)) ??
    differ('frames', ordered(fast.frames), ordered(library.frames)) ??
    differ('told', ordered(fast.told), ordered(library.told)) ??
    differ('keys', entriesOf(fast.keys), entriesOf(library.keys))
  );
}

/**
 * Those of a chat are in order in any case. Where two people claim one number, whose it is when a message of theirs is stored depends on
 * which chat was first: then it is left out.
 */
function rowsOf({ rows }: Happened, isUnordered: boolean): string[] {
  const list = isUnordered
    ? rows.toSorted((a, b) => personOf(a).localeCompare(personOf(b))).map(withoutOtherAddress)
    : rows;
  return list.map((row) => JSON.stringify(row));
}

function withoutOtherAddress(row: Happened['rows'][number]) {
  const { sender_pn: _phone, sender_lid: _lid, ...attrs } = row.attrs;
  return { ...row, attrs };
}

function personOf({ chat }: Happened['rows'][number]): string {
  return chat.split(/[:@]/, 1)[0]!;
}

function entriesOf(keys: Map<string, string>): string[] {
  return [...keys].map(([name, text]) => `${name} ${text}`).toSorted();
}

function differ(what: string, fast: unknown, library: unknown): string | undefined {
  const [one, other] = [fast, library].map((value) => JSON.stringify(value));
  if (one === other) {
    return undefined;
  }
  if (Array.isArray(fast) && Array.isArray(library)) {
    const only = (list: string[], others: string[]) => list.filter((entry) => !others.includes(entry));
    const [fastOnly, libraryOnly] = [only(fast, library), only(library, fast)];
    return `${what} differ:\n  fast alone: ${fastOnly.join('\n    ')}\n  library alone: ${libraryOnly.join('\n    ')}`;
  }
  return `${what} differ: ${one} and ${other}`;
}
