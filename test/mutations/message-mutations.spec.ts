import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { decodeRow } from '../../src/baileys/decoding/message-decoder.js';
import type { InboxRow } from '../../src/common/inbox.js';
import { MESSAGE_TYPES } from '../../src/common/message-types.js';
import { PlainBody } from '../../src/common/plain-body.js';
import type { Logs } from '../../src/logging/logs.js';
import { toItemArgument } from '../../src/repositories/ingest-item.js';
import { IngestPlanner } from '../../src/routing/ingest-planner.js';
import { MessageDetails } from '../../src/routing/message-details.js';
import type { KeyRing } from '../../src/secrets/key-ring.js';
import { Random } from '../chaos/random.js';
import { hostileAttributes, hostileContent } from './hostile-contents.js';

/** `MUTATIONS=100000 MUTATIONS_SEED=x npx vitest run --project mutations` tries more, or the same ones again. */
const MUTATIONS = Number(process.env['MUTATIONS'] ?? 10_000);
const SEED = process.env['MUTATIONS_SEED'] ?? 'every kind of message';
/** Of the processor's time, whatever else the machine does: much longer than the slowest takes. */
const STALL_MS = 1_000;
const MAX_DETAIL_LENGTH = 400_000;

function aRow(index: number, random: Random): InboxRow {
  const padded = Buffer.concat([hostileContent(random), Buffer.of(1)]);
  return {
    id: `${index}`,
    organizationId: 'org',
    instanceId: 'instance',
    attrs: hostileAttributes(random, `M${index}`),
    encryption: random.chance(0.02) ? 'none' : 'msg',
    hash: `h${index}`,
    body: new PlainBody(padded),
    receivedAt: new Date('2026-03-01T12:00:00Z'),
    attempts: 0,
    account: { phone: '5511999887766', lid: '111' },
  };
}

const logs = { component: () => pino({ level: 'silent' }) } as unknown as Logs;
/** Seals nothing, so that all of it is looked at. */
const ring = {
  forSealing: () =>
    Promise.resolve(new Map([['instance', { seal: (bytes: Uint8Array) => Buffer.from(bytes) }]])),
};
const details = new MessageDetails(ring as unknown as KeyRing);
/** Has no message that a sealed change is about. */
const sealed = { openAll: <T>(_rows: unknown, messages: T[]) => Promise.resolve(messages) };

async function plan(row: InboxRow) {
  const decoder = { readerOf: () => Promise.resolve((given: InboxRow) => decodeRow(given, undefined)) };
  const planner = new IngestPlanner(decoder as never, details, sealed as never, logs);
  const [item] = await planner.plan({ rows: [row], owners: new Map() });
  return item!;
}

/** @returns the faults of what is read of it; of one that can't be read, of the reason */
function faultsOf(row: InboxRow): string[] {
  try {
    const message = decodeRow(row, undefined);
    const { type, metadata, mentions, replyTo, media, contentClass, change, placeholder, text } = message;
    const stored = JSON.stringify({ ...message, media: undefined, secret: undefined });
    return Object.entries({
      'a type that is none': !MESSAGE_TYPES.includes(type),
      'nothing to show': ['text', 'media', 'other', 'call'].includes(contentClass) && text === '',
      'a change that is none': (contentClass === 'change') !== (change !== undefined),
      'a placeholder that is none': (contentClass === 'undecryptable') !== (placeholder !== undefined),
      'what Postgres refuses': /\\u0000|\\ud[89a-f]/i.test(stored),
      'endless metadata': JSON.stringify(metadata ?? {}).length > MAX_DETAIL_LENGTH,
      'endless mentions': (mentions?.length ?? 0) > 1_024,
      'an endless quote': (replyTo?.content.length ?? 0) > 1_000,
      'an endless thumbnail': (media?.thumbnail?.length ?? 0) > 65_536,
      'a time to come': message.sentAt.getTime() > row.receivedAt.getTime() + 60_000,
    })
      .filter(([, isFault]) => isFault)
      .map(([fault]) => fault);
  } catch (err) {
    const reason = err instanceof Error ? err.message : 'no error';
    return /^[a-z_]+$/.test(reason) ? [] : [`a reason that is none: ${reason}`];
  }
}

describe(`mutated contents (seed ${SEED})`, () => {
  it(`are stored or dead with a reason, and hold up nobody: ${MUTATIONS}`, async () => {
    const random = new Random(SEED);
    const outcomes = new Map<string, number>();
    for (let index = 0; index < MUTATIONS; index++) {
      const row = aRow(index, random);
      const before = process.cpuUsage();

      const item = await plan(row);
      const argument = JSON.stringify(toItemArgument(item));
      const { user, system } = process.cpuUsage(before);

      expect([index, faultsOf(row)]).toEqual([index, []]);
      expect([index, argument.length > 0, (user + system) / 1000 < STALL_MS]).toEqual([index, true, true]);
      outcomes.set(item.action, (outcomes.get(item.action) ?? 0) + 1);
    }

    // Not so spoiled that nothing gets through, nor so little that all does.
    expect(outcomes.get('client')).toBeGreaterThan(MUTATIONS / 4);
    expect(outcomes.get('dead')).toBeGreaterThan(0);
  });
});
