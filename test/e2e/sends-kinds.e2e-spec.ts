import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SentText } from '../../src/baileys/outbound/message-sender.js';
import type { OutgoingText } from '../../src/baileys/outbound/send-request.js';
import type { OutgoingContent } from '../../src/common/outgoing-content.js';
import type { Instance } from '../../src/repositories/instance.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { SessionsHarness } from '../support/sessions-harness.js';

const CLIENT = '5521988776655';
const CHAT = `${CLIENT}@s.whatsapp.net`;

let harness: SessionsHarness;
let owner: Phone;
let ana: Phone;
let instance: Instance;

beforeEach(async () => {
  harness = await SessionsHarness.start();
  owner = harness.sim.addPhone({ number: '5511999887766', name: 'Clinic' });
  ana = harness.sim.addPhone({ number: CLIENT, name: 'Ana' });
  instance = await harness.linked(owner);
});

afterEach(() => harness.stop());

/** Sends, until the outcome is stored, too. */
async function send(content: OutgoingContent, more: Partial<OutgoingText> = {}): Promise<SentText> {
  const text = { to: CLIENT, message: '', content, asked: 'asked', ...more };
  const sent = await harness.sessions.sendText(instance, text);
  await expect.poll(async () => (await row(sent.messageId))['status']).not.toBe('pending');
  return sent;
}

async function row(id: string): Promise<Record<string, unknown>> {
  const { rows } = await harness.database.sql(
    `select type, content, content_type, metadata, reply_to, mentions, status, change_of::text, payload is not null as has_payload
      from messages where id = $1::text::uuid`,
    [id],
  );
  return rows[0] as Record<string, unknown>;
}

/** What Ana's phone decrypted last. */
function seen() {
  return ana.received.at(-1)!.message;
}

describe('a message that is more than a text', () => {
  it('is a place', async () => {
    const place = { latitude: -23.5505, longitude: -46.6333, name: 'Clinic', address: 'Rua A, 1' };

    const { messageId, status } = await send({ type: 'location', ...place });

    expect(status).toBe('sent');
    expect(seen().locationMessage).toMatchObject({
      degreesLatitude: place.latitude,
      degreesLongitude: place.longitude,
      name: 'Clinic',
      address: 'Rua A, 1',
    });
    expect(await row(messageId)).toMatchObject({
      type: 'location',
      content_type: 'locationMessage',
      content: expect.stringContaining('Clinic') as string,
      metadata: place,
      has_payload: true,
    });
  });

  it('is cards of people', async () => {
    const contacts = [
      { name: 'Dra. Lia; Silva', phoneNumbers: ['5511999887766', '551133334444'] },
      { name: 'Rui', phoneNumbers: ['5511988887777'] },
    ];

    const { messageId } = await send({ type: 'contact', contacts });

    const cards = seen().contactsArrayMessage?.contacts ?? [];
    expect(cards.map(({ displayName }) => displayName)).toEqual(['Dra. Lia; Silva', 'Rui']);
    expect(cards[0]?.vcard).toContain('waid=551133334444:+551133334444');
    expect(cards[0]?.vcard).toContain(String.raw`FN:Dra. Lia\; Silva`);
    expect(await row(messageId)).toMatchObject({
      type: 'contact',
      metadata: {
        contacts: [{ name: 'Dra. Lia; Silva' }, { name: 'Rui', phone_numbers: ['5511988887777'] }],
      },
    });
  });

  it('is a poll that votes can be sealed for', async () => {
    const { messageId } = await send({
      type: 'poll',
      question: 'When?',
      options: ['Monday', 'Tuesday'],
      selectable: 1,
    });

    const { pollCreationMessageV3: poll, messageContextInfo } = seen();
    expect(poll).toMatchObject({ name: 'When?', selectableOptionsCount: 1 });
    expect(poll?.options?.map(({ optionName }) => optionName)).toEqual(['Monday', 'Tuesday']);
    expect(messageContextInfo?.messageSecret).toHaveLength(32);
    expect(await row(messageId)).toMatchObject({
      type: 'poll',
      metadata: { question: 'When?', selectable: 1 },
    });
  });

  it('is a text that answers a message and mentions somebody', async () => {
    const replyTo = { id: '3EB0AAAA', fromMe: false, content: 'Are you open?' };

    const { messageId } = await send({
      type: 'text',
      text: 'Yes, @5511988887777',
      replyTo,
      mentions: ['5511988887777'],
    });

    expect(seen().extendedTextMessage).toMatchObject({
      text: 'Yes, @5511988887777',
      contextInfo: {
        stanzaId: '3EB0AAAA',
        participant: CHAT,
        quotedMessage: { conversation: 'Are you open?' },
        mentionedJid: ['5511988887777@s.whatsapp.net'],
      },
    });
    expect(await row(messageId)).toMatchObject({
      type: 'text',
      content: 'Yes, @5511988887777',
      reply_to: { whatsapp_message_id: '3EB0AAAA', from_me: false, content: 'Are you open?' },
      mentions: ['5511988887777'],
    });
  });

  it('is a reaction to a message', async () => {
    await send({ type: 'reaction', target: { id: '3EB0AAAA', fromMe: false }, emoji: '👍' });

    expect(seen().reactionMessage).toMatchObject({
      text: '👍',
      key: { id: '3EB0AAAA', fromMe: false, remoteJid: CHAT },
    });
  });

  it('is one message under an idempotency key, and only the same one', async () => {
    const content: OutgoingContent = { type: 'location', latitude: 1, longitude: 2 };
    const first = await send(content, { idempotencyKey: 'place' });

    expect(await send(content, { idempotencyKey: 'place' })).toEqual({ ...first, isReplay: true });
    await expect(send(content, { idempotencyKey: 'place', asked: 'else' })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    expect(ana.received).toHaveLength(1);
  });

  it('goes once more to whoever could not read it, after a restart, too', async () => {
    const sent = await send({
      type: 'poll',
      question: 'When?',
      options: ['Monday', 'Tuesday'],
      selectable: 1,
    });
    const back = harness.sim.next('device.connected');
    await harness.restart();
    await back;

    ana.asksAgain(owner, sent.whatsappMessageId);

    const copies = () =>
      harness.sim.ledger.received.filter(
        ({ id, phone }) => id === sent.whatsappMessageId && phone === ana.number,
      );
    await expect.poll(copies, { timeout: 60_000 }).toHaveLength(2);
  });

  it('is not there to be read in the database', async () => {
    const { messageId } = await send({ type: 'location', latitude: 1, longitude: 2, name: 'Clinic' });

    const { rows } = await harness.database.sql(
      `select encode(payload, 'escape') as payload from messages where id = $1::text::uuid`,
      [messageId],
    );
    expect((rows[0] as { payload: string }).payload).not.toContain('Clinic');
  });
});

describe('what changes a message of ours', () => {
  const target = async () => {
    const { messageId, whatsappMessageId } = await harness.sessions.sendText(instance, {
      to: CLIENT,
      message: 'We open at 8.',
    });
    const address = { chatJid: CHAT, phone: CLIENT };
    return { messageId, target: { id: whatsappMessageId, fromMe: true }, address };
  };
  const events = async () => {
    const { rows } = await harness.database.sql('select name, payload from events order by sequence');
    return rows as { name: string; payload: Record<string, unknown> }[];
  };

  it('edits it on the phone and where it is stored, with what it said before', async () => {
    const { messageId, target: edited, address } = await target();

    await send(
      { type: 'edit', target: edited, text: 'We open at 9.' },
      { address, changeOf: messageId, message: '' },
    );

    expect(seen().protocolMessage).toMatchObject({
      key: { id: edited.id, fromMe: true },
      editedMessage: { extendedTextMessage: { text: 'We open at 9.' } },
    });
    await expect.poll(async () => (await row(messageId))['content']).toBe('We open at 9.');
    const { rows } = await harness.database.sql('select content, ordinal from message_edits');
    expect(rows).toEqual([{ content: 'We open at 8.', ordinal: 1 }]);
    expect((await events()).find(({ name }) => name === 'whatsapp:message-edited')?.payload).toMatchObject({
      id: messageId,
      messageId: edited.id,
      text: 'We open at 9.',
    });
  });

  it('takes it back: nothing of what it said is left', async () => {
    const { messageId, target: removed, address } = await target();
    const change = { address, changeOf: messageId };
    await send({ type: 'edit', target: removed, text: 'We open at 9.' }, { ...change, message: '' });
    await expect.poll(async () => (await row(messageId))['content']).toBe('We open at 9.');

    await send({ type: 'delete', target: removed }, change);

    expect(seen().protocolMessage).toMatchObject({ key: { id: removed.id, fromMe: true }, type: 0 });
    await expect.poll(async () => (await row(messageId))['content']).toBe('');
    expect((await events()).map(({ name }) => name)).toContain('whatsapp:message-deleted');
    const { rows } = await harness.database.sql(
      `select to_jsonb(a)::text as stored from messages a union all select to_jsonb(a)::text from message_edits a
        union all select to_jsonb(a)::text from events a`,
    );
    expect(rows.filter(({ stored }) => String(stored).includes('We open at'))).toEqual([]);
  });

  it('is no message of the conversation', async () => {
    const { messageId, target: liked, address } = await target();

    const { messageId: reaction } = await send(
      { type: 'reaction', target: liked, emoji: '👍' },
      { address, changeOf: messageId, message: '👍' },
    );

    const { rows } = await harness.database.sql('select emoji, from_me from message_reactions');
    expect(rows).toEqual([{ emoji: '👍', from_me: true }]);
    const listed = await harness.database.sql(
      `select list_messages('{"organization_id": "clinic", "limit": 10}') as page`,
    );
    expect(JSON.stringify(listed.rows)).not.toContain(reaction);
  });
});
