import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PersonAddress } from '../../src/common/person-address.js';
import type { MessageChange } from '../../src/common/message-change.js';
import { RetentionRepository } from '../../src/privacy/retention.repository.js';
import { GroupsRepository } from '../../src/repositories/groups.repository.js';
import type { IngestItem, MessageOrigin } from '../../src/repositories/ingest-item.js';
import { openTestDatabase, TEST_STORES, type TestDatabase } from '../support/databases.js';
import { Scenario } from './scenario.js';

const JID = '120363@g.us';
const ana = { phone: '5511988887777', lid: '222' };
const bruno = { phone: '5511977776666', lid: '333' };
const GROUP: MessageOrigin = { chatKind: 'group', fromMe: false };
const at = (second: number) => new Date(Date.UTC(2025, 9, 2, 12, 0, second));

describe.each(TEST_STORES)('groups on %s', (store) => {
  let database: TestDatabase;
  let scenario: Scenario;
  let groups: GroupsRepository;

  beforeAll(async () => {
    database = await openTestDatabase(store);
    groups = new GroupsRepository(database.client);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    scenario = await Scenario.create(database);
    await keep('store');
  });

  const keep = (groupPolicy: 'ignore' | 'store') =>
    scenario.instances.updateInstance('all', scenario.instanceId, { groupPolicy });

  async function item(person: PersonAddress, id: string, text = 'hello'): Promise<IngestItem> {
    const [written] = await scenario.received({ ...person, id, text });
    return { ...written!, action: 'group', reason: 'group', groupJid: JID, origin: GROUP } as IngestItem;
  }

  async function undecrypted(person: PersonAddress, id: string): Promise<IngestItem> {
    const { inboxId, messageId } = (await item(person, id)) as Extract<IngestItem, { action: 'group' }>;
    const known = { inboxId, messageId, person, groupJid: JID, origin: GROUP };
    return { ...known, action: 'undecrypted', reason: 'undecryptable_elsewhere', sentAt: at(0) };
  }

  async function change(person: PersonAddress, made: MessageChange, second: number): Promise<IngestItem> {
    const { inboxId } = await item(person, `C${second}${person.lid}`);
    const known = { inboxId, messageId: `C${second}`, person, groupJid: JID, origin: GROUP };
    return { ...known, action: 'change', reason: made.kind, sentAt: at(second), change: made };
  }

  async function messages() {
    const { rows } = await database.sql(
      `select content, direction, status, sender_lid, chat_key, deleted_at is not null as is_deleted
        from messages where organization_id = $1::text and group_id is not null order by ordinal`,
      [scenario.organizationId],
    );
    return rows;
  }

  const edit = (author: PersonAddress, content: string): MessageChange => ({
    kind: 'edit',
    target: { messageId: 'A', fromMe: false, author },
    content,
    contentType: 'conversation',
    type: 'text',
  });

  it('keeps what is written there once, under who wrote it, and counts it as nothing else', async () => {
    const first = await item(ana, 'A');
    const { events } = await scenario.ingest([first, await item(ana, 'A'), await item(bruno, 'A', 'mine')]);

    expect(events.map(({ name }) => name)).toEqual(['whatsapp:group-message', 'whatsapp:group-message']);
    expect(await messages()).toMatchObject([
      { content: 'hello', sender_lid: '222', status: 'received' },
      { content: 'mine', sender_lid: '333' },
    ]);
    expect(await scenario.states()).toEqual(['1 group', '1 duplicate', '1 group']);
    expect(await scenario.allContacts()).toEqual([]);
    expect(await scenario.count('bookings')).toBe(0);
    const instance = await scenario.instances.findInstance('all', scenario.instanceId, {});
    expect(instance).toMatchObject({ messagesReceivedCount: 0 });
  });

  it('keeps nothing of an instance that ignores groups by now', async () => {
    const [message, changed] = [await item(ana, 'A'), await change(ana, edit(ana, 'x'), 1)];
    await keep('ignore');

    expect((await scenario.ingest([message, changed])).events).toEqual([]);
    expect(await scenario.states()).toEqual(['1 group', '1 group']);
    expect([await scenario.count('groups'), await scenario.count('pending_changes')]).toEqual([0, 0]);
  });

  it('settles what could not be read when a copy comes, and knows one that came before', async () => {
    const states = async () =>
      (
        await database.sql('select state from undecrypted_messages where organization_id = $1::text', [
          scenario.organizationId,
        ])
      ).rows.map(({ state }) => state);
    await scenario.ingest([await undecrypted(ana, 'A')]);
    expect(await states()).toEqual(['waiting']);

    await scenario.ingest([await item(bruno, 'A')]);
    expect(await states()).toEqual(['waiting']);
    await scenario.ingest([await item(ana, 'A')]);
    expect(await states()).toEqual(['recovered']);

    await scenario.ingest([await item(ana, 'B')]);
    await scenario.ingest([await undecrypted(ana, 'B')]);
    expect(await states()).toEqual(['recovered']);
  });

  it('has a change wait for the message of the author that it names, and of nobody else', async () => {
    await scenario.ingest([await change(ana, edit(ana, 'better'), 2)]);
    await scenario.ingest([await item(bruno, 'A', 'of bruno'), await item(ana, 'A', 'of ana')]);

    expect(await messages()).toMatchObject([{ content: 'of bruno' }, { content: 'better' }]);
    await scenario.ingest([await change(bruno, edit(ana, 'forged'), 3)]);
    expect(await messages()).toMatchObject([{ content: 'of bruno' }, { content: 'better' }]);
    expect((await scenario.states()).at(-1)).toBe('1 not_the_author');
  });

  it('is gone with the age of messages, and nothing else with it', async () => {
    const retention = new RetentionRepository(database.client);
    await retention.updateRetention(scenario.organizationId, { messages_days: 10 });
    await scenario.ingest([await item(ana, 'A'), ...(await scenario.received({ phone: bruno.phone }))]);
    const notice = { id: 'N', at: at(0), by: ana, changes: [{ kind: 'subject' as const, subject: 'Us' }] };
    await groups.noteChanges(scenario.instanceId, JID, notice);
    for (const table of ['messages', 'group_changes']) {
      await database.sql(
        `update ${table} set created_at = now() - interval '20 days'
          where organization_id = $1::text ${table === 'messages' ? 'and group_id is not null' : ''}`,
        [scenario.organizationId],
      );
    }

    const p = { organization_id: scenario.organizationId, limit: 10 };
    const { data } = await database.client.rpc('apply_retention', { p });
    expect(data).toMatchObject({ counts: { messages: 1, group_changes: 1 }, more: false });
    expect([await scenario.count('messages'), await scenario.count('groups')]).toEqual([1, 1]);
  });

  it('takes what WhatsApp tells of a change once, and an older subject never over a newer one', async () => {
    const note = (id: string, second: number, subject: string) =>
      groups.noteChanges(scenario.instanceId, JID, {
        id,
        at: at(second),
        by: ana,
        changes: [{ kind: 'subject', subject }],
      });
    const [told] = await note('N2', 2, 'second');
    expect(await note('N2', 2, 'second')).toEqual([]);
    await note('N1', 1, 'first');

    const { items } = await groups.listGroups(scenario.organizationId, { limit: 5 });
    expect(items).toMatchObject([{ jid: JID, subject: 'second', learntAt: null }]);
    expect(told).toMatchObject({
      name: 'whatsapp:group',
      payload: { groupId: items[0]!.id, change: 'subject', from: ana.phone },
    });
  });

  it('has the node that runs the session told with its next heartbeat', async () => {
    const beat = async () => {
      const sessions = [[scenario.instanceId, scenario.epoch]];
      const incarnation = '11111111-1111-4111-8111-111111111111';
      const p = {
        node_id: 'node-1',
        kind: 'api',
        incarnation,
        is_leaving: false,
        lease_seconds: 15,
        sessions,
      };
      return (await database.client.rpc('node_heartbeat', { p })).data;
    };

    expect(await beat()).toMatchObject({ lost: [], groups: [scenario.instanceId] });
    await keep('ignore');
    expect(await beat()).toMatchObject({ lost: [], groups: [] });
  });

  it('has who is in it asked for once, and once more after the instance ignored groups', async () => {
    const isUnknown = () => groups.isUnknown(scenario.instanceId, JID);
    expect(await isUnknown()).toBe(true);
    await groups.learn(scenario.instanceId, JID, {
      subject: 'Us',
      description: undefined,
      owner: ana,
      members: [
        { ...ana, role: 'owner' },
        { lid: '444', role: 'member' },
      ],
    });
    expect(await isUnknown()).toBe(false);
    // Known by number, too, and once.
    await groups.noteChanges(scenario.instanceId, JID, {
      id: 'N',
      at: at(0),
      by: ana,
      changes: [{ kind: 'promote', people: [{ phone: '5511966665555', lid: '444' }] }],
    });
    const { items } = await groups.listGroups(scenario.organizationId, { limit: 5 });
    expect((await groups.findGroup('all', items[0]!.id))!.members).toMatchObject([
      { lid: '222', role: 'owner' },
      { lid: '444', phone_number: '5511966665555', role: 'admin' },
    ]);

    await keep('ignore');
    await keep('store');
    expect(await isUnknown()).toBe(true);
  });
});
