import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Content } from '../../src/simulator/phones/message-content.js';
import type { Phone, WriteOptions } from '../../src/simulator/phones/phone.js';
import type { SentMessage } from '../../src/simulator/phones/sent-message.js';
import { node, unixSeconds } from '../../src/simulator/protocol/node.js';
import type { Group } from '../../src/simulator/server/group.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_123';

interface Person {
  phone_number: string | null;
  lid: string | null;
}

interface GroupView {
  id: string;
  jid: string;
  subject: string | null;
  member_count: number;
  learnt_at: string | null;
  members: (Person & { role: string })[];
  changes: { kind: string; by: Person | null; subject: string | null; members: Person[] }[];
}

interface MessageView {
  id: string;
  group_id: string | null;
  contact_id: string | null;
  direction: string;
  content: string;
  type: string;
  sender: (Person & { name: string | null }) | null;
  reply_to: { id: string | null; content: string } | null;
  reactions: { emoji: string; from: string }[];
  metadata: { options?: { name: string; votes: number }[] } | null;
  media: { state: string } | null;
  edited_at: string | null;
  deleted_at: string | null;
}

let folder: string;
let simulator: WhatsAppSimulator;
let service: TestService;
let owner: Phone;
let ana: Phone;
let bruno: Phone;
let events: EventCollector;
let instanceId: string;
let group: Group;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auzap-groups-'));
  simulator = await WhatsAppSimulator.start({});
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  ana = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
  bruno = simulator.addPhone({ number: '5521977776666', name: 'Bruno' });
  await start();
  instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
  group = simulator.addGroup('Neighbours', [bruno, owner, ana]);
});

afterAll(async () => {
  events.close();
  await service.stop();
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  service = await startTestService(simulator, { DATA_DIR: folder });
  events = await listen(service.url, ORGANIZATION);
}

async function get<T>(path: string): Promise<T> {
  const { status, body } = await service.api.call<T>('GET', path);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

async function setGroups(groups: 'ignore' | 'store'): Promise<void> {
  const path = `/api/whatsapp/instances/${instanceId}`;
  const { body } = await service.api.call<{ instance: { groups: string } }>('PATCH', path, { groups });
  expect(body.instance.groups).toBe(groups);
}

const listed = async (): Promise<GroupView[]> =>
  (await get<{ groups: GroupView[] }>(`/api/groups?organization_id=${ORGANIZATION}`)).groups;
const shown = async (id: string): Promise<GroupView> =>
  (await get<{ group: GroupView }>(`/api/groups/${id}`)).group;
const groupId = async (of = group): Promise<string> => (await listed()).find(({ jid }) => jid === of.id)!.id;
const messageOf = async (id: string): Promise<MessageView> =>
  (await get<{ message: MessageView }>(`/api/messages/${id}`)).message;

/** Somebody writes in the group; the event that tells of it. */
async function written(author: Phone, content: Content, options: WriteOptions = {}) {
  const sent = await author.writes(group.id, content, options);
  const event = await events.next('whatsapp:group-message', ({ messageId }) => messageId === sent.id);
  return { sent, event, message: await messageOf(event.id) };
}

/** A client's own message, behind everything that was delivered before it. */
async function afterAllOfIt(): Promise<void> {
  const sent = await ana.writes(owner, 'and now for us two');
  await events.next('whatsapp:message', ({ messageId }) => messageId === sent.id);
}

/** A change in the group, until an event tells of it. */
async function done(name: 'edited' | 'deleted' | 'updated', of: SentMessage, change: Promise<unknown>) {
  await change;
  return events.next(`whatsapp:message-${name}`, ({ messageId }) => messageId === of.id);
}

describe('groups are ignored', () => {
  it('unless the instance is told otherwise', async () => {
    const sent = await ana.writes(group.id, 'nobody hears this');
    await sent.acknowledged();
    group.renames(bruno, 'Ignored');
    await afterAllOfIt();

    expect(await listed()).toEqual([]);
    expect(
      (await get<{ instance: unknown }>(`/api/whatsapp/instances/${instanceId}`)).instance,
    ).toMatchObject({
      groups: 'ignore',
      messages_received_count: 1,
    });
    expect(simulator.ledger.counters.nacks).toEqual({});
  });
});

describe('what is written in a group is stored where that is wanted', () => {
  beforeAll(() => setGroups('store'));

  it('with its sender and what the group is called', async () => {
    const { event, message } = await written(ana, 'good morning');

    expect(event).toMatchObject({ from: ana.number, name: 'Ana', fromMe: false, text: 'good morning' });
    expect(message).toMatchObject({
      group_id: event.groupId,
      contact_id: null,
      direction: 'inbound',
      sender: { name: 'Ana', phone_number: ana.number, lid: ana.lid },
    });
    await expect.poll(async () => (await shown(event.groupId)).subject).toBe('Ignored');
    const { members } = await shown(event.groupId);
    expect(members).toHaveLength(3);
    expect(members).toContainEqual(
      expect.objectContaining({ phone_number: bruno.number, lid: bruno.lid, role: 'owner' }),
    );
  });

  it('and asked about once, however much is written there', async () => {
    for (let index = 0; index < 3; index++) {
      await written(bruno, `number ${index}`);
    }
    const { events: stored } = await get<{ events: { name: string; payload: { change?: string } }[] }>(
      `/api/events?organization_id=${ORGANIZATION}`,
    );

    expect(
      stored.filter(({ name, payload }) => name === 'whatsapp:group' && payload.change === 'learnt'),
    ).toHaveLength(1);
  });

  it('apart from conversations, contacts, bookings and what is counted', async () => {
    await written(bruno, 'is anybody here?');
    const contacts = await get<{ contacts: { phone_number: string }[] }>(
      `/api/contacts?organization_id=${ORGANIZATION}`,
    );
    const { messages } = await get<{ messages: MessageView[] }>(
      `/api/messages?organization_id=${ORGANIZATION}`,
    );

    expect(contacts.contacts.map(({ phone_number: number }) => number)).toEqual([ana.number]);
    expect(messages.map(({ content }) => content)).toEqual(['and now for us two']);
    const bookings = await get<{ bookings: unknown[] }>(`/api/bookings?organization_id=${ORGANIZATION}`);
    expect(bookings.bookings).toHaveLength(1);
    const { instance } = await get<{ instance: unknown }>(`/api/whatsapp/instances/${instanceId}`);
    expect(instance).toMatchObject({ messages_received_count: 1, messages_sent_count: 0 });
  });

  it('in its order, page by page', async () => {
    const path = `/api/messages?organization_id=${ORGANIZATION}&group_id=${await groupId()}`;
    const all = await get<{ messages: MessageView[] }>(path);
    const first = await get<{ messages: MessageView[]; next_cursor: string }>(`${path}&limit=2`);
    const second = await get<{ messages: MessageView[] }>(`${path}&limit=2&cursor=${first.next_cursor}`);

    expect(all.messages.map(({ content }) => content)).toEqual([
      'is anybody here?',
      'number 2',
      'number 1',
      'number 0',
      'good morning',
    ]);
    expect([...first.messages, ...second.messages]).toEqual(all.messages.slice(0, 4));
  });

  it('from the phone of the owner, too, and then it is no note', async () => {
    const { event, message } = await written(owner, 'I will be late');

    expect(event).toMatchObject({ fromMe: true, from: owner.number });
    expect(message).toMatchObject({ direction: 'outbound', contact_id: null });
    const { notes } = await get<{ notes: unknown[] }>(`/api/notes?organization_id=${ORGANIZATION}`);
    expect(notes).toEqual([]);
  });

  it('with files, which are fetched as any', async () => {
    const { message } = await written(ana, { image: { caption: 'the bridge' } });
    await events.next('whatsapp:media', ({ id, state }) => id === message.id && state === 'ready');

    const response = await fetch(`${service.url}/api/messages/${message.id}/media`);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(await messageOf(message.id)).toMatchObject({ type: 'image', content: 'the bridge' });
  });

  it('with files that only the phone of the account has by now', async () => {
    simulator.faults.disturbDownloads({ kind: 'status', status: 410 }, 1);
    const { message } = await written(bruno, { image: { caption: 'the old bridge' } });

    expect(
      await events.next('whatsapp:media', ({ id, state }) => id === message.id && state === 'ready'),
    ).toMatchObject({ groupId: message.group_id });
  });

  it('with word of what is to be seen once, on the phone', async () => {
    const { message } = await written(ana, 'once', { unavailable: 'view_once' });

    expect(message).toMatchObject({ type: 'unsupported', content: '[view once] look on the phone' });
  });

  it('with what is done to it: replies, reactions of several, edits, deletions, votes', async () => {
    const asked = await written(ana, 'who brings cake?');
    const reply = await written(bruno, { text: 'me', replyTo: asked.sent });
    expect(reply.message.reply_to).toMatchObject({ id: asked.message.id });

    for (const [phone, emoji] of [
      [ana, '👍'],
      [bruno, '🎂'],
    ] as const) {
      const sent = await phone.writes(group.id, { reaction: emoji, to: asked.sent });
      await events.next('whatsapp:reaction', (event) => event.emoji === emoji);
      await sent.acknowledged();
    }
    expect((await messageOf(asked.message.id)).reactions).toEqual([
      expect.objectContaining({ emoji: '👍', from: ana.number }),
      expect.objectContaining({ emoji: '🎂', from: bruno.number }),
    ]);

    await done('edited', asked.sent, ana.writes(group.id, { edit: asked.sent, text: 'who brings pie?' }));
    expect(await messageOf(asked.message.id)).toMatchObject({ content: 'who brings pie?' });

    const poll = await written(bruno, { poll: { question: 'When?', options: ['sat', 'sun'] } });
    for (const phone of [ana, owner]) {
      await phone.writes(group.id, { vote: ['sat'], to: poll.sent });
    }
    await events.count('whatsapp:message-updated', 2, ({ change }) => change === 'poll_vote');
    expect((await messageOf(poll.message.id)).metadata?.options).toEqual([
      { name: 'sat', votes: 2 },
      { name: 'sun', votes: 0 },
    ]);

    await done('deleted', reply.sent, bruno.writes(group.id, { revoke: reply.sent }));
    expect(await messageOf(reply.message.id)).toMatchObject({ content: '', deleted_at: expect.any(String) });
  });

  it('but changed by nobody else than its author, and taken back by admins', async () => {
    const said = await written(owner, 'the owner said so');
    const other = await written(bruno, 'bruno said so');
    await (await ana.writes(group.id, { edit: other.sent, text: 'forged' })).acknowledged();
    await (await ana.writes(group.id, { revoke: other.sent })).acknowledged();
    await (await ana.writes(group.id, { revoke: said.sent })).acknowledged();
    await afterAllOfIt();
    expect(await messageOf(other.message.id)).toMatchObject({ content: 'bruno said so', deleted_at: null });
    expect(await messageOf(said.message.id)).toMatchObject({
      content: 'the owner said so',
      deleted_at: null,
    });

    // He made the group.
    await done('deleted', said.sent, bruno.writes(group.id, { revoke: said.sent }));
    expect(await messageOf(said.message.id)).toMatchObject({ deleted_at: expect.any(String) });
  });

  it('once, however often it is delivered, and once of each of two who use the same id', async () => {
    await written(ana, 'mine', { id: '3EB0SAMEID' });
    await (await bruno.writes(group.id, 'his', { id: '3EB0SAMEID' })).acknowledged();
    await (await ana.writes(group.id, 'mine once more', { id: '3EB0SAMEID' })).acknowledged();
    await afterAllOfIt();
    const path = `/api/messages?organization_id=${ORGANIZATION}&group_id=${await groupId()}`;
    const { messages } = await get<{ messages: MessageView[] }>(path);

    expect(messages.slice(0, 2).map(({ content }) => content)).toEqual(['his', 'mine']);
  });

  it('when its key comes only with the copy that was asked for', async () => {
    const carla = simulator.addPhone({ number: '5531966665555', name: 'Carla' });
    group.adds(bruno, carla);
    const { event, sent } = await written(carla, 'can you hear me?', { withoutKeys: true });

    expect(event).toMatchObject({ from: carla.number, text: 'can you hear me?' });
    await sent.acknowledged();
    await written(carla, 'now you can');
    const integrity = await get<Record<string, number>>(`/api/whatsapp/instances/${instanceId}/integrity`);
    expect(integrity).toMatchObject({ waiting: 0, lost: 0 });
    expect(integrity['groups']).toBeGreaterThan(10);
  });

  it('goes on after a restart with the keys that were learnt before, and with what waited', async () => {
    const outage = simulator.faults.outage();
    const sent = await ana.writes(group.id, 'written meanwhile');
    events.close();
    await service.stop();
    await start();
    outage();
    const event = await events.next('whatsapp:group-message', ({ messageId }) => messageId === sent.id);

    expect(event).toMatchObject({ text: 'written meanwhile', subject: 'Ignored' });
    await written(bruno, 'and afterwards');
  });
});

describe('what is changed of a group', () => {
  it('is stored with who did it, and told', async () => {
    const id = await groupId();
    group.renames(ana, 'Our street');
    await events.next(
      'whatsapp:group',
      ({ change, subject }) => change === 'subject' && subject === 'Our street',
    );
    const dora = simulator.addPhone({ number: '5541955554444', name: 'Dora' });
    group.adds(bruno, dora);
    const added = await events.next(
      'whatsapp:group',
      ({ change, from }) => change === 'add' && from === bruno.number,
    );
    expect(added).toMatchObject({ groupId: id, members: [dora.number] });
    group.promotes(bruno, dora);
    await events.next('whatsapp:group', ({ change }) => change === 'promote');
    expect((await shown(id)).members).toContainEqual(
      expect.objectContaining({ phone_number: dora.number, lid: dora.lid, role: 'admin' }),
    );
    group.demotes(bruno, dora);
    await events.next('whatsapp:group', ({ change }) => change === 'demote');
    group.removes(dora, dora);
    await events.next('whatsapp:group', ({ change }) => change === 'leave');
    group.removes(bruno, ana);
    await events.next('whatsapp:group', ({ change }) => change === 'remove');
    group.adds(bruno, ana);
    await events.next('whatsapp:group', ({ change }) => change === 'add');

    const now = await shown(id);
    expect(now).toMatchObject({ subject: 'Our street', member_count: 4 });
    expect(now.changes.map(({ kind }) => kind).slice(0, 7)).toEqual([
      'add',
      'remove',
      'leave',
      'demote',
      'promote',
      'add',
      'subject',
    ]);
    expect(now.changes[6]).toMatchObject({
      subject: 'Our street',
      by: { phone_number: ana.number, lid: ana.lid },
    });
    await written(ana, 'back again');
  });

  it('is cut where it is out of all bounds, and stored once', async () => {
    const id = await groupId();
    const people = Array.from({ length: 6_000 }, (_, index) =>
      node('participant', {
        jid: `${9_000_000_000 + index}@lid`,
        phone_number: `55${31_900_000_000 + index}@s.whatsapp.net`,
      }),
    );
    const attrs = {
      id: 'HOSTILE',
      type: 'w:gp2',
      from: group.id,
      participant: 'nobody at all',
      t: unixSeconds(),
    };
    for (const change of [node('subject', { subject: 'x'.repeat(100_000) }), node('add', {}, people)]) {
      for (let time = 0; time < 2; time++) {
        ana.sendsStanza(owner, node('notification', { ...attrs, id: `HOSTILE${change.tag}` }, [change]));
      }
      await events.next('whatsapp:group', (event) => event.change === change.tag);
    }
    await afterAllOfIt();
    const now = await shown(id);

    expect(now.subject).toHaveLength(256);
    expect(now.member_count).toBe(5_004);
    expect(now.changes.slice(0, 3).map(({ kind, by }) => [kind, by])).toEqual([
      ['add', null],
      ['subject', null],
      ['add', { phone_number: bruno.number, lid: bruno.lid }],
    ]);
  });
});

describe('a message of a group that is none', () => {
  it.each<[string, Record<string, string>]>([
    ['names nobody', {}],
    ['names somebody who is no member', { participant: '999:3@lid' }],
    ['names no person', { participant: 'x@g.us' }],
  ])('because it %s: it has its place in the ledger, and the next one comes', async (_name, extra) => {
    const id = `3EB0FORGED${Object.values(extra).join('').length}`;
    const enc = node('enc', { v: '2', type: 'skmsg' }, Buffer.alloc(80, 1));
    const attrs = { id, from: group.id, type: 'text', t: unixSeconds(), ...extra };
    ana.sendsStanza(owner, node('message', attrs, [enc]));

    await written(ana, `after ${id}`);
    const path = `/api/messages?organization_id=${ORGANIZATION}&group_id=${await groupId()}`;
    const { messages } = await get<{ messages: MessageView[] }>(path);
    expect(messages[0]).toMatchObject({ content: `after ${id}` });
  });
});

describe('the API sends nothing to groups', () => {
  it('and says so', async () => {
    const sent = await service.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, {
      to: group.id,
      message: 'hello all',
    });
    expect(sent.status).toBe(400);
  });

  it('nor changes what the owner wrote there on the phone', async () => {
    const { message } = await written(owner, 'from my phone');
    const edited = await service.api.call('PATCH', `/api/messages/${message.id}`, { message: 'changed' });
    const deleted = await service.api.call('DELETE', `/api/messages/${message.id}`);

    expect([edited.status, deleted.status]).toEqual([409, 409]);
  });
});

describe('another organization', () => {
  it('sees nothing of a group that it is in with another number', async () => {
    const other = 'org_456';
    const carla = simulator.phone('5531966665555')!;
    const theirs = await listen(service.url, other);
    const id = await service.api.createInstance(other, carla.number);
    await carla.types(await service.api.pairingCode(id));
    await theirs.next('whatsapp:connected');
    await service.api.call('PATCH', `/api/whatsapp/instances/${id}`, { groups: 'store' });
    const { sent, event } = await written(ana, 'to both of you');
    const told = await theirs.next('whatsapp:group-message', ({ messageId }) => messageId === sent.id);
    theirs.close();

    expect(told.groupId).not.toBe(event.groupId);
    const { groups } = await get<{ groups: GroupView[] }>(`/api/groups?organization_id=${other}`);
    expect(groups.map((each) => each.id)).toEqual([told.groupId]);
    const { messages } = await get<{ messages: MessageView[] }>(
      `/api/messages?organization_id=${other}&group_id=${event.groupId}`,
    );
    expect(messages).toEqual([]);
  });
});

describe('a person who is erased', () => {
  it('is gone from groups, too', async () => {
    const id = await groupId();
    const { contacts } = await get<{ contacts: { id: string }[] }>(
      `/api/contacts?organization_id=${ORGANIZATION}`,
    );
    const contactId = contacts[0]!.id;
    const exported = await fetch(
      `${service.url}/api/contacts/${contactId}/export?organization_id=${ORGANIZATION}`,
      { method: 'POST' },
    );
    const text = await exported.text();
    expect(text).toContain('good morning');
    expect(text).toContain('Our street');

    const erased = await service.api.call(
      'DELETE',
      `/api/contacts/${contactId}?organization_id=${ORGANIZATION}`,
    );
    expect([200, 202]).toContain(erased.status);
    await expect
      .poll(async () => (await shown(id)).members.some(({ lid }) => lid === ana.lid), { timeout: 20_000 })
      .toBe(false);
    const all = JSON.stringify([
      await get(`/api/messages?organization_id=${ORGANIZATION}&group_id=${id}&limit=100`),
      await get(`/api/groups/${id}`),
      await get(`/api/events?organization_id=${ORGANIZATION}&limit=100`),
    ]);
    expect(all).not.toContain(ana.number);
    expect(all).not.toContain(ana.lid);
    expect(all).toContain('bruno said so');
  });
});

describe('switched off again', () => {
  it('groups are ignored, and what is stored stays', async () => {
    const id = await groupId();
    const path = `/api/messages?organization_id=${ORGANIZATION}&group_id=${id}`;
    const before = await get<{ messages: MessageView[] }>(path);
    await setGroups('ignore');
    await (await bruno.writes(group.id, 'nobody hears this either')).acknowledged();
    group.renames(bruno, 'Unheard');
    const sent = await bruno.writes(owner, 'the end');
    await events.next('whatsapp:message', ({ messageId }) => messageId === sent.id);

    expect((await get<{ messages: MessageView[] }>(path)).messages).toEqual(before.messages);
    expect((await shown(id)).subject).not.toBe('Unheard');
  });
});
