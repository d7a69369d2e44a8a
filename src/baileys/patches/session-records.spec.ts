import { BufferJSON } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { aSignalPair } from '../../../test/support/signal-pair.js';
import { silenceLibsignal } from './libsignal-console.js';
import { isStoredRecord, type StoredRecord, withSession } from './session-records.js';

silenceLibsignal();

/** As the database gives it back. */
function reread(record: unknown): unknown {
  return JSON.parse(JSON.stringify(record, BufferJSON.replacer), BufferJSON.reviver) as unknown;
}

async function aRecord(): Promise<StoredRecord> {
  const { to } = await aSignalPair();
  return reread(to.stored) as StoredRecord;
}

describe('isStoredRecord', () => {
  it('knows what libsignal writes, before and after it was stored, with and without an answer', async () => {
    const { from, to } = await aSignalPair();
    const { from: other } = await aSignalPair();
    await other.open(to);

    expect([from.stored, to.stored, other.stored].map(isStoredRecord)).toEqual([true, true, true]);
    expect([from.stored, to.stored, other.stored].map((record) => isStoredRecord(reread(record)))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it.each<[string, (record: StoredRecord) => unknown]>([
    ['nothing', () => null],
    ['bytes', () => Buffer.from('{}')],
    ['another version', (record) => ({ ...record, version: 'v2' })],
    ['a field more', (record) => ({ ...record, of: 'a later version' })],
    [
      'more sessions than libsignal keeps',
      ({ _sessions: sessions, version }) => {
        const [session] = Object.values(sessions);
        return {
          _sessions: Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`k${i}`, session])),
          version,
        };
      },
    ],
    ['a field more of a session', (record) => changed(record, (session) => ({ ...session, more: 1 }))],
    [
      'a session in another order',
      (record) => changed(record, ({ registrationId, ...session }) => ({ ...session, registrationId })),
    ],
    [
      'a field more of a chain',
      (record) =>
        changed(record, (session) => ({
          ...session,
          _chains: Object.fromEntries(
            Object.entries(session._chains).map(([key, chain]) => [key, { ...chain, more: 1 }]),
          ),
        })),
    ],
    [
      'a time that is none',
      (record) =>
        changed(record, (session) => ({ ...session, indexInfo: { ...session.indexInfo, used: null } })),
    ],
  ])('leaves %s to libsignal', async (_name, change) => {
    expect(isStoredRecord(change(await aRecord()))).toBe(false);
  });

  it('knows what it made itself, which has the sessions in the same order', async () => {
    const record = await aRecord();
    const [key, session] = Object.entries(record._sessions)[0]!;
    const two: StoredRecord = { _sessions: { first: session, [key]: session }, version: 'v1' };
    const after = withSession(two, 'first', { ...session, registrationId: 5 });

    expect(isStoredRecord(after)).toBe(true);
    expect(Object.keys(after._sessions)).toEqual(['first', key]);
    expect(after._sessions['first']!.registrationId).toBe(5);
  });
});

type Session = StoredRecord['_sessions'][string];

function changed(record: StoredRecord, change: (session: Session) => object): unknown {
  const sessions = Object.entries(record._sessions).map(([key, session]) => [key, change(session)]);
  return { _sessions: Object.fromEntries(sessions) as unknown, version: record.version };
}
