import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { DomainEventBus } from '../common/domain-events.js';
import { InboxDecoder, type InboxRow, type ReceivedMessage } from '../common/inbox.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import type { AppConfig } from '../config/app-config.js';
import type { Logs } from '../logging/logs.js';
import { InboxHandoff } from '../queue/inbox-handoff.js';
import type { InboxRepository } from '../repositories/inbox.repository.js';
import { asInboxRow, type EarlyIngested, type NewInboxRow } from '../repositories/session-batch.js';
import { BatchIngestion } from './batch-ingestion.js';
import { CommitIngestion } from './commit-ingestion.js';
import type { KeyRing } from '../secrets/key-ring.js';
import { IngestPlanner } from './ingest-planner.js';
import { MessageDetails } from './message-details.js';
import type { SealedChanges } from './sealed-changes.js';

/** A row says in its attributes who wrote what. */
class AttributesDecoder extends InboxDecoder {
  override secretsOf = () => Promise.resolve(() => undefined);
  override openSealed = () => undefined;

  override readerOf() {
    return Promise.resolve(({ attrs }: InboxRow): ReceivedMessage => {
      if (attrs['from'] === undefined) {
        throw new Error('not_a_message');
      }
      const sender = { phone: attrs['from'] };
      return {
        messageId: attrs['id']!,
        sentAt: new Date(0),
        chatKind: 'direct',
        fromMe: false,
        isPeerTraffic: false,
        sender,
        peer: sender,
        contentClass: 'text',
        type: 'text',
        contentType: 'conversation',
        text: 'oi',
      };
    });
  }
}

const OWNER = '5511900000001';
const CLIENT = '5511988887777';

function row(instanceId: string, id: string, from?: string): NewInboxRow {
  return {
    instanceId,
    messageId: id,
    chat: '',
    sender: '',
    hash: `hash of ${id}`,
    attrs: { id, ...(from !== undefined && { from }) },
    encryption: 'msg',
    body: null,
    account: {},
    receivedAt: new Date(0),
  };
}

/** Where instance `<x><n>` belongs to organization `org_<x>`. */
const organizationOf = (instanceId: string) => `org_${instanceId[0]}`;

function left(rows: NewInboxRow[], version?: string, addresses = [{ phone: OWNER }]): EarlyIngested {
  const waiting = rows.map((one, index) => asInboxRow(one, `${index}`, organizationOf(one.instanceId)));
  const owners = waiting.map(
    ({ organizationId }) => [organizationId, { version: version!, addresses }] as const,
  );
  return { events: [], processed: 0, waiting, owners: version === undefined ? undefined : new Map(owners) };
}

function aWorkersPart() {
  const logs = { component: () => pino({ level: 'silent' }) } as unknown as Logs;
  const config = { bookingPolicy: 'one-open' } as AppConfig;
  const bus = new DomainEventBus();
  const announced: OutgoingEvent[] = [];
  bus.on('events.committed', (events) => announced.push(...events));
  const handoff = new InboxHandoff();
  const ingestion = new BatchIngestion({} as InboxRepository, bus, config, logs);
  const planner = new IngestPlanner(
    new AttributesDecoder(),
    new MessageDetails({} as KeyRing),
    {} as SealedChanges,
    logs,
  );
  const commits = new CommitIngestion(planner, ingestion, handoff, config, logs);
  const decide = async (rows: NewInboxRow[]) => {
    const plan = await commits.plan(rows);
    return plan && [...plan.ingest.items].map(([{ messageId }, { action }]) => `${messageId} ${action}`);
  };
  /** Commits a first row of each, which tells whose they are. */
  const learn = async (instanceIds: string[], version = 'v1', addresses?: { phone: string }[]) => {
    const rows = instanceIds.map((id) => row(id, `first of ${id}`, CLIENT));
    return (await commits.plan(rows))!.committed(left(rows, version, addresses));
  };
  return { commits, decide, learn, handoff, announced };
}

describe('CommitIngestion', () => {
  it('decides nothing about instances of which no commit told whose they are, and then does', async () => {
    const { commits, decide, learn } = aWorkersPart();
    const rows = [row('a1', 'A', CLIENT), row('a1', 'B', OWNER)];
    const plan = (await commits.plan(rows))!;
    expect([...plan.ingest.items, ...plan.ingest.ownerVersions]).toEqual([]);

    const handedOver = await learn(['a1']);

    expect(handedOver).toMatchObject({ rows: [{ instanceId: 'a1', organizationId: 'org_a' }] });
    expect(handedOver.owners).toEqual(new Map([['org_a', [{ phone: OWNER }]]]));
    expect(await decide(rows)).toEqual(['A client', 'B owner_note']);
    expect(await decide([row('b1', 'C', CLIENT), row('a1', 'D', CLIENT)])).toEqual(['D client']);
  });

  it('says with which owners it decided, and takes others from the answer', async () => {
    const { commits, decide, learn } = aWorkersPart();
    await learn(['a1', 'a2', 'b1']);
    const rows = ['a1', 'a2', 'b1'].map((id) => row(id, `of ${id}`, CLIENT));
    expect((await commits.plan(rows))!.ingest).toMatchObject({
      bookingPolicy: 'one-open',
      ownerVersions: new Map([
        ['org_a', 'v1'],
        ['org_b', 'v1'],
      ]),
    });

    await learn(['a1'], 'v2', [{ phone: CLIENT }]);

    expect((await commits.plan(rows))!.ingest.ownerVersions.get('org_a')).toBe('v2');
    expect(await decide(rows)).toEqual(['of a1 owner_note', 'of a2 owner_note', 'of b1 client']);
  });

  it('decides of each instance about what comes before the first row that can not be decoded', async () => {
    const { decide, learn } = aWorkersPart();
    await learn(['a1', 'b1']);
    const rows = [row('a1', 'A', CLIENT), row('a1', 'B'), row('b1', 'C', CLIENT), row('a1', 'D', CLIENT)];

    expect(await decide(rows)).toEqual(['A client', 'C client']);
  });

  it('decides about 200 rows at most', async () => {
    const { decide, learn } = aWorkersPart();
    await learn(['a1']);
    const rows = Array.from({ length: 300 }, (_, index) => row('a1', `${index}`, CLIENT));

    expect(await decide(rows)).toHaveLength(200);
  });

  it('announces what the commit stored, and hands over what it left', async () => {
    const { commits, learn, announced } = aWorkersPart();
    await learn(['a1']);
    const rows = [row('a1', 'A', CLIENT), row('a1', 'B')];
    const events = [{ sequence: 1 }, { sequence: 2 }] as OutgoingEvent[];

    const result = { ...left(rows.slice(1)), events, processed: 1 };
    const handedOver = (await commits.plan(rows))!.committed(result);

    expect(announced).toEqual(events);
    expect(handedOver).toMatchObject({ rows: [{ hash: 'hash of B' }] });
    expect(handedOver.owners).toEqual(new Map([['org_a', [{ phone: OWNER }]]]));
  });

  it('keeps from the instances of a batch that failed until the table has nothing of them', async () => {
    const { commits, decide, learn, handoff } = aWorkersPart();
    handoff.open(() => undefined);
    await learn(['a1', 'a2', 'b1']);
    const rows = [row('a1', 'A', CLIENT), row('b1', 'B', CLIENT)];

    const handedOver = (await commits.plan(rows))!.committed({ ...left(rows), fault: '23514' });

    expect(handoff.offer(handedOver)).toEqual(new Set(['a1', 'b1']));
    expect(await decide(rows)).toBeUndefined();
    expect(await decide([...rows, row('a2', 'C', CLIENT)])).toEqual(['C client']);
    handoff.caughtUp(handoff.laggards());
    expect(await decide(rows)).toEqual(['A client', 'B client']);

    (await commits.plan(rows))!.failed();
    expect(await decide(rows)).toBeUndefined();
  });

  it('keeps from instances whose organization is locked until what was handed over is done', async () => {
    const { commits, decide, learn, handoff } = aWorkersPart();
    handoff.open(() => undefined);
    await learn(['a1']);
    const rows = [row('a1', 'A', CLIENT)];

    const handedOver = (await commits.plan(rows))!.committed({ ...left(rows), fault: '55P03' });

    expect(handoff.offer(handedOver)).toEqual(new Set());
    expect(await decide(rows)).toBeUndefined();
    expect(handoff.next()).toMatchObject({ rows: [{ hash: 'hash of A' }] });
    expect(await decide(rows)).toBeUndefined();
    expect(handoff.next()).toBeUndefined();
    expect(await decide(rows)).toEqual(['A client']);
  });
});
