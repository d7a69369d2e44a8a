import { deflateSync } from 'node:zlib';
import { proto } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Content } from '../../src/simulator/phones/message-content.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { ReceivedMessage } from '../../src/simulator/phones/received-message.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { type TestService, startTestService } from '../support/test-service.js';

/** Baileys once believed all of this of anybody: GHSA-qvv5-jq5g-4cgg. */

const ORGANIZATION = 'org_123';
const NOBODY = '5531900000001';
const NOT_HERS = 99_887_766_554_433;
const { Type } = proto.Message.ProtocolMessage;

type Row = Record<string, unknown>;

let simulator: WhatsAppSimulator;
let service: TestService;
let events: EventCollector;
let owner: Phone;
let ana: Phone;
let mallory: Phone;
let instanceId: string;
let answerId: string;

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  service = await startTestService(simulator);
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  ana = simulator.addPhone({ number: '5521988776655', name: 'Ana' });
  mallory = simulator.addPhone({ number: '5541977665544', name: 'Mallory' });
  instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
  events = await listen(service.url, ORGANIZATION);
  const bootstrapped = simulator.next('device.bootstrapped');
  await owner.types(await service.api.pairingCode(instanceId));
  await bootstrapped;
  await ana.writes(owner, 'hello', { id: '3EB0ANA' });
  await events.next('whatsapp:message', ({ text }) => text === 'hello');
  answerId = (await sendTo(ana, 'welcome')).id;
  await vi.waitFor(welcomeIsDelivered, { timeout: 30_000 });
});

afterAll(async () => {
  events.close();
  await service.stop();
  await simulator.stop();
});

async function statusOf(content: string): Promise<unknown> {
  return (await rowsOf('messages')).find((row) => row['content'] === content)?.['status'];
}

/** From then on nobody but Mallory changes anything. */
async function welcomeIsDelivered(): Promise<void> {
  expect(await statusOf('welcome')).toBe('delivered');
}

/** @returns the message as it arrived */
async function sendTo(phone: Phone, message: string): Promise<ReceivedMessage> {
  await service.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, { to: phone.number, message });
  return phone.receives(({ text }) => text === message);
}

async function rowsOf(kind: 'contacts' | 'messages' | 'notes' | 'bookings'): Promise<Row[]> {
  const answer = await service.api.call<Record<string, Row[]>>(
    'GET',
    `/api/${kind}?organization_id=${ORGANIZATION}&limit=100`,
  );
  return answer.body[kind]!;
}

/** Everything that somebody else's message must not change: what is Ana's, what is the owner's, and the session's keys. */
async function whatIsNotMallorys() {
  const contacts = await rowsOf('contacts');
  const malloryId = contacts.find((row) => row['phone_number'] === mallory.number)?.['id'];
  const isNotHers = (row: Row) => row['contact_id'] !== malloryId || malloryId === undefined;
  const database = service.service.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });
  const { rows: keys } = await database.sql(
    `select key_type, key_id from whatsapp_session_keys
       where key_type like 'app-state%' or (key_type = 'lid-mapping' and key_id not like $1::text and key_id not like $2::text)
       order by 1, 2`,
    [`${mallory.number}%`, `${mallory.lid}%`],
  );
  return {
    contacts: contacts.filter(({ id }) => id !== malloryId),
    messages: (await rowsOf('messages')).filter(isNotHers),
    bookings: (await rowsOf('bookings')).filter(isNotHers),
    notes: await rowsOf('notes'),
    keys,
  };
}

function ofAna(text: string): proto.IWebMessageInfo {
  const key = { remoteJid: ana.address('pn'), fromMe: false, id: `SPOOF-${text}` };
  return { key, message: { conversation: text }, messageTimestamp: 1_767_225_600, pushName: 'Ana' };
}

/** Is what only the account's own phone may say. */
function history(): proto.IMessage {
  const messages = [{ message: ofAna('history'), msgOrderId: 1 }];
  const sync = proto.HistorySync.encode({
    syncType: proto.HistorySync.HistorySyncType.RECENT,
    conversations: [{ id: ana.address('pn'), messages, tcToken: Buffer.from('spoof') }],
    phoneNumberToLidMappings: [{ pnJid: `${NOBODY}@s.whatsapp.net`, lidJid: mallory.address('lid') }],
    pushnames: [{ id: ana.address('pn'), pushname: 'Not Ana' }],
  }).finish();
  const historySyncNotification = {
    syncType: proto.Message.HistorySyncType.RECENT,
    initialHistBootstrapInlinePayload: deflateSync(sync),
  };
  return { protocolMessage: { type: Type.HISTORY_SYNC_NOTIFICATION, historySyncNotification } };
}

function resentPlaceholder(info: proto.IWebMessageInfo): proto.IMessage {
  const webMessageInfoBytes = proto.WebMessageInfo.encode(info).finish();
  const peerDataOperationResult = [{ placeholderMessageResendResponse: { webMessageInfoBytes } }];
  return {
    protocolMessage: {
      type: Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
      peerDataOperationRequestResponseMessage: { stanzaId: 'x', peerDataOperationResult },
    },
  };
}

function keyShare(): proto.IMessage {
  const keyData = { keyData: Buffer.alloc(32, 1), fingerprint: { rawId: 1, currentIndex: 1 }, timestamp: 1 };
  const keys = [{ keyId: { keyId: Buffer.from('spoof!') }, keyData }];
  return { protocolMessage: { type: Type.APP_STATE_SYNC_KEY_SHARE, appStateSyncKeyShare: { keys } } };
}

function migration(): proto.IMessage {
  const mapping = { pnToLidMappings: [{ pn: Number(NOBODY), assignedLid: NOT_HERS, latestLid: NOT_HERS }] };
  const encodedMappingPayload = deflateSync(proto.LIDMigrationMappingSyncPayload.encode(mapping).finish());
  const lidMigrationMappingSyncMessage = { encodedMappingPayload };
  return { protocolMessage: { type: Type.LID_MIGRATION_MAPPING_SYNC, lidMigrationMappingSyncMessage } };
}

describe('a client who pretends to be somebody else', () => {
  it.each<[string, () => Content, boolean]>([
    ['sends a history', () => ({ raw: history() }), false],
    ['answers a request that the own phone got', () => ({ raw: resentPlaceholder(ofAna('resent')) }), false],
    [
      'answers it in the owner’s name',
      () => ({
        raw: resentPlaceholder({
          ...ofAna('as owner'),
          key: { remoteJid: ana.address('pn'), fromMe: true, id: 'SPOOF-OWNER' },
        }),
      }),
      false,
    ],
    ['hands over keys', () => ({ raw: keyShare() }), false],
    ['says who has which address', () => ({ raw: migration() }), false],
    ['takes another’s message back', () => ({ revoke: { id: '3EB0ANA', from: mallory.number } }), false],
    ['takes our message to another back', () => ({ revoke: { id: answerId, from: owner.number } }), false],
    [
      'changes another’s message',
      () => ({ edit: { id: '3EB0ANA', from: mallory.number }, text: 'hello, changed' }),
      false,
    ],
    [
      'wraps a message as what an own device sent to another',
      () => ({
        raw: {
          deviceSentMessage: { destinationJid: ana.address('pn'), message: { conversation: 'as if sent' } },
        },
      }),
      true,
    ],
    [
      'wraps a history as what an own device sent',
      () => ({ raw: { deviceSentMessage: { destinationJid: ana.address('pn'), message: history() } } }),
      false,
    ],
    [
      'wraps keys, to be looked at once only',
      () => ({ raw: { viewOnceMessage: { message: keyShare() } } }),
      false,
    ],
  ])('%s, and changes nothing of theirs', async (name, content, isShown) => {
    const before = await whatIsNotMallorys();

    const sent = await mallory.writes(owner, content(), { pushName: 'Ana' });
    await sent.acknowledged();
    await mallory.writes(owner, `after: ${name}`);
    await events.next('whatsapp:message', ({ text }) => text === `after: ${name}`);

    expect(await whatIsNotMallorys()).toEqual(before);
    const shown = (await rowsOf('messages')).filter((row) => row['whatsapp_message_id'] === sent.id);
    expect(shown).toHaveLength(isShown ? 1 : 0);
  });

  it('had something to change', async () => {
    const { contacts, messages, bookings, notes, keys } = await whatIsNotMallorys();
    expect(contacts).toMatchObject([{ phone_number: ana.number, name: 'Ana' }]);
    expect(new Set(messages.map((row) => row['content']))).toEqual(new Set(['hello', 'welcome']));
    expect(bookings).toHaveLength(1);
    expect(notes).toEqual([]);
    expect(keys.map((row) => (row as Row)['key_type'])).toContain('app-state-sync-key');
    expect(keys.map((row) => (row as Row)['key_type'])).toContain('lid-mapping');
  });
});

describe('somebody who knows the id of a message to another', () => {
  /** Settles when what Mallory said before has been taken in: a receipt of hers that counts comes after it. */
  async function malloryIsHeard(marker: string): Promise<void> {
    mallory.reads(await sendTo(mallory, marker));
    await vi.waitFor(async () => expect(await statusOf(marker)).toBe('read'), { timeout: 30_000 });
  }

  it.each(['lid', 'pn'] as const)('does not get it by asking for a new copy, as %s', async (addressing) => {
    mallory.asksAgain(owner, answerId, addressing);
    await malloryIsHeard(`asked as ${addressing}`);

    expect(mallory.received.map(({ text }) => text)).not.toContain('welcome');
  });

  it.each(['lid', 'pn'] as const)('does not say that it was read, as %s', async (addressing) => {
    mallory.reads({ id: answerId, from: owner.number, addressing });
    await malloryIsHeard(`read as ${addressing}`);

    expect(await statusOf('welcome')).toBe('delivered');
  });

  it('does not say that it arrived while nobody knows', async () => {
    const taken = simulator.next('client.message');
    ana.deliveryReceipts = false;
    simulator.faults.withholdAcknowledgements(owner);
    const sending = sendTo(ana, 'in doubt');
    const { id } = await taken;
    mallory.reads({ id, from: owner.number, addressing: 'lid' });
    await malloryIsHeard('heard meanwhile');

    expect(['pending', 'unknown']).toContain(await statusOf('in doubt'));
    ana.reads(await ana.receives((message) => message.id === id));
    await sending;
    await vi.waitFor(async () => expect(await statusOf('in doubt')).toBe('read'), { timeout: 30_000 });
  });

  it.each(['lid', 'pn'] as const)('counts where it is the recipient, as %s', async (addressing) => {
    const message = await sendTo(ana, `for ana as ${addressing}`);
    ana.asksAgain(owner, message.id, addressing);
    const copies = () =>
      simulator.ledger.received.filter(({ id, phone }) => id === message.id && phone === ana.number);
    await expect.poll(copies).toHaveLength(2);
    ana.reads({ ...message, addressing });

    await vi.waitFor(async () => expect(await statusOf(message.text)).toBe('read'), { timeout: 30_000 });
  });
});
