import { ApiError } from '../../../api/api-error.ts';
import { store } from '../../../app/store.ts';
import type { Outgoing } from './outbox-queue.ts';

const KEY = 'auzap.outbox';
/** Browsers give a tab five million characters, for everything. */
const MAX_LENGTH = 1_000_000;
/** What was written longer ago may not be right any more: its writer says whether it goes. The service knows its key for days. */
const MAX_AGE_MS = 24 * 3_600_000;

interface Kept {
  /** The session of who wrote it. */
  owner: string;
  outgoing: unknown[];
}

/** @returns whether something waits that was written before the page was loaded */
export function hasKeptOutgoing(): boolean {
  return store.get(KEY, 'tab') !== null;
}

/** Keeps what is on its way in the tab, which no other tab sends then. */
export function keepOutgoing(outgoing: readonly Outgoing[], owner: string): void {
  const kept = toKept(outgoing, owner);
  if (kept === undefined) {
    store.remove(KEY, 'tab');
  } else {
    store.set(KEY, kept, 'tab');
  }
}

/** @returns what was on its way when the page was loaded, of the session that there is now */
export function keptOutgoing(owner: string): Outgoing[] {
  return fromKept(store.get(KEY, 'tab'), owner, Date.now());
}

/** @returns the words of what the service does not have yet, as much as fits: files can not be kept; undefined where there is none */
export function toKept(list: readonly Outgoing[], owner: string): string | undefined {
  let length = 0;
  const outgoing = list
    .filter(({ state, file }) => state !== 'stored' && file === undefined)
    .map(({ error, progress: _progress, ...one }) => ({
      ...one,
      state: one.state === 'failed' ? one.state : 'waiting',
      // Its message is none of those properties that JSON has.
      ...(error instanceof ApiError && { error: { ...error, message: error.message } }),
    }))
    .filter((one) => (length += JSON.stringify(one).length) <= MAX_LENGTH);
  return outgoing.length === 0 ? undefined : JSON.stringify({ owner, outgoing } satisfies Kept);
}

/** @returns what `toKept` wrote for this owner: under the same keys, so that one whose answer was lost is sent once */
export function fromKept(kept: string | null, owner: string, now: number): Outgoing[] {
  try {
    const { owner: writer, outgoing } = JSON.parse(kept ?? '{}') as Partial<Kept>;
    return writer === owner && Array.isArray(outgoing)
      ? outgoing.filter(isOutgoing).map((one) => restored(one, now))
      : [];
  } catch {
    return [];
  }
}

function restored({ error, ...one }: Outgoing, now: number): Outgoing {
  if (error !== undefined) {
    const { code, status, message, details, requestId } = error as ApiError;
    return { ...one, error: new ApiError(code, status, message, details, requestId) };
  }
  return now - Date.parse(one.at) > MAX_AGE_MS ? { ...one, state: 'failed' } : one;
}

/** Whatever stands in the tab's storage. */
function isOutgoing(value: unknown): value is Outgoing {
  const { kind, key, state, at, organizationId, contactId, text, instanceId, to } = (value ?? {}) as Record<
    string,
    unknown
  >;
  const words = [key, at, organizationId, contactId, text, ...(kind === 'message' ? [instanceId, to] : [])];
  return (
    (kind === 'message' || kind === 'note') &&
    (state === 'waiting' || state === 'failed') &&
    words.every((word) => typeof word === 'string')
  );
}
