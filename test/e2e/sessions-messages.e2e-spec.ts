import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { SessionsHarness } from '../support/sessions-harness.js';

const OWNER = '5511999887766';
const CLIENT = '5521988776655';

let harness: SessionsHarness;
let owner: Phone;
let ana: Phone;

beforeEach(async () => {
  harness = await SessionsHarness.start((settings) => {
    settings.sendAckMs = 3_000;
  });
  owner = harness.sim.addPhone({ number: OWNER, name: 'Clinic' });
  ana = harness.sim.addPhone({ number: CLIENT, name: 'Ana' });
});

afterEach(async () => {
  await harness.stop();
});

describe('receiving', () => {
  it.each([
    { addressing: 'lid' as const, withoutAlternative: false },
    { addressing: 'pn' as const, withoutAlternative: false },
    { addressing: 'pn' as const, withoutAlternative: true },
  ])('stores a message and only then acknowledges it ($addressing, $withoutAlternative)', async (options) => {
    const instance = await harness.linked(owner);

    const sent = await ana.writes(owner, 'quero marcar consulta', options);
    await sent.acknowledged();

    const [message] = await harness.inbox(instance);
    expect(message).toMatchObject({
      text: 'quero marcar consulta',
      chatKind: 'direct',
      fromMe: false,
      pushName: 'Ana',
    });
    expect(message?.peer?.phone).toBe(CLIENT);
  });

  it('keeps no readable message, credential or key in the database', async () => {
    const instance = await harness.linked(owner);
    const secret = 'diagnostico confidencial';
    await (await ana.writes(owner, secret)).acknowledged();

    const { rows } = await harness.database.sql(
      `select encode(session_data, 'escape') || coalesce((select string_agg(encode(value, 'escape'), '') from
         whatsapp_session_keys k where k.instance_id = i.id), '') || coalesce((select string_agg(encode(body, 'escape')
         || attrs::text, '') from inbox b where b.instance_id = i.id), '') as everything
         from whatsapp_instances i where i.id = $1::text::uuid`,
      [instance.id],
    );

    const everything = String((rows as { everything: string }[])[0]?.everything);
    expect(everything.length).toBeGreaterThan(10_000);
    for (const readable of [secret, 'noiseKey', 'private', '_sessions', 'rootKey']) {
      expect(everything).not.toContain(readable);
    }
  });

  it('acknowledges nothing while commits are held back', async () => {
    const instance = await harness.linked(owner);
    await (await ana.writes(owner, 'first')).acknowledged();
    harness.store.hold();

    const held = await Promise.all(['a', 'b', 'c'].map((text) => ana.writes(owner, text)));
    await expect.poll(() => harness.store.heldCommits).toBeGreaterThan(0);
    // Time enough for a receipt to travel, were it not held.
    await expect(held[0]!.acknowledged(300)).rejects.toThrow(/not acknowledged/);
    const acknowledgedMeanwhile = held.filter((sent) => sent.isAcknowledged).length;
    const storedMeanwhile = (await harness.inbox(instance)).length;
    harness.store.letGo();
    await Promise.all(held.map((sent) => sent.acknowledged()));

    expect({ acknowledgedMeanwhile, storedMeanwhile }).toEqual({
      acknowledgedMeanwhile: 0,
      storedMeanwhile: 1,
    });
    expect((await harness.inbox(instance)).map(({ text }) => text)).toEqual(['first', 'a', 'b', 'c']);
  });

  it('answers a redelivery from the inbox when the line dropped before the receipt left', async () => {
    const instance = await harness.linked(owner);
    await (await ana.writes(owner, 'first')).acknowledged();
    harness.store.hold();
    const sent = await ana.writes(owner, 'second');
    await expect.poll(() => harness.store.heldCommits).toBeGreaterThan(0);
    const back = harness.sim.next('device.connected');

    harness.sim.faults.dropConnection(owner);
    harness.store.letGo();
    await back;
    await sent.acknowledged();

    expect((await harness.inbox(instance)).map(({ text }) => text)).toEqual(['first', 'second']);
    expect(sent.deliveries.map(({ timesDelivered }) => timesDelivered)).toEqual([2]);
  });

  it('keeps two instances apart that hear from the same contact at the same time', async () => {
    const second = harness.sim.addPhone({ number: '5511977665544', name: 'Branch' });
    const instances = [await harness.linked(owner), await harness.linked(second)];

    const texts = Array.from({ length: 15 }, (_, index) => `message ${index}`);
    const sent = await Promise.all(
      texts.flatMap((text) => [ana.writes(owner, text), ana.writes(second, text)]),
    );
    await Promise.all(sent.map((message) => message.acknowledged()));

    for (const instance of instances) {
      expect((await harness.inbox(instance)).map(({ text }) => text)).toEqual(texts);
    }
  });

  it('takes what the own phone writes as the owner’s, with the address of the other side', async () => {
    const instance = await harness.linked(owner);
    await (await ana.writes(owner, 'oi')).acknowledged();

    await (await owner.writes(ana, 'ligo mais tarde')).acknowledged();

    expect((await harness.inbox(instance)).at(-1)).toMatchObject({
      text: 'ligo mais tarde',
      fromMe: true,
      peer: { phone: CLIENT },
    });
  });

  it('receives after a restart what was written meanwhile', async () => {
    const instance = await harness.linked(owner);
    await harness.sessions.onApplicationShutdown();
    const sent = await ana.writes(owner, 'while you were away');

    await harness.restart();
    await sent.acknowledged();

    expect((await harness.inbox(instance)).map(({ text }) => text)).toEqual(['while you were away']);
  });
});

describe('a message that can not be read', () => {
  /** What WhatsApp has heard of messages so far: each answer would make it forget the stanza. */
  function heard(): string[] {
    const frames: string[] = [];
    harness.sim.on('message.acknowledged', ({ answer }) => frames.push(answer.kind));
    harness.sim.on('receipt', ({ type }) => frames.push(type ?? 'delivery'));
    return frames;
  }

  it.each(['corrupt', 'empty'] as const)(
    'is in the inbox before WhatsApp hears anything of it (%s)',
    async (fault) => {
      const instance = await harness.linked(owner);
      await (await ana.writes(owner, 'first')).acknowledged();
      harness.sim.faults[fault](owner);
      const frames = heard();
      harness.store.hold();

      const answered = harness.sim.next('message.acknowledged');
      const sent = await ana.writes(owner, 'unreadable');
      await expect.poll(() => harness.store.heldCommits).toBeGreaterThan(0);
      const heardMeanwhile = [...frames];
      const storedMeanwhile = (await harness.inbox(instance)).length;
      harness.store.letGo();
      await answered;

      expect({ heardMeanwhile, storedMeanwhile }).toEqual({ heardMeanwhile: [], storedMeanwhile: 1 });
      const placeholder = (await harness.inbox(instance)).find(({ messageId }) => messageId === sent.id);
      expect(placeholder).toMatchObject({
        contentClass: 'undecryptable',
        chatKind: 'direct',
        pushName: 'Ana',
        peer: { phone: CLIENT, lid: ana.lid },
      });
    },
  );

  it('is one placeholder, however often it comes and the line drops', async () => {
    const instance = await harness.linked(owner);
    await (await ana.writes(owner, 'first')).acknowledged();
    harness.sim.faults.corrupt(owner, 2);
    harness.store.hold();
    const sent = await ana.writes(owner, 'unreadable');
    await expect.poll(() => harness.store.heldCommits).toBeGreaterThan(0);
    const back = harness.sim.next('device.connected');

    harness.sim.faults.dropConnection(owner);
    harness.store.letGo();
    await back;
    await sent.acknowledged();

    const texts = (await harness.inbox(instance)).map(({ contentClass, text }) => [contentClass, text]);
    expect(texts).toEqual([
      ['text', 'first'],
      ['undecryptable', '[unreadable message] could not be read yet'],
      ['text', 'unreadable'],
    ]);
  });
});

describe('without the gate', () => {
  it('the same service acknowledges what is not stored: these tests can tell', async () => {
    await harness.stop();
    harness = await SessionsHarness.start(() => undefined, { isUngated: true });
    owner = harness.sim.addPhone({ number: OWNER, name: 'Clinic' });
    ana = harness.sim.addPhone({ number: CLIENT, name: 'Ana' });
    const instance = await harness.linked(owner);
    harness.store.hold();

    const sent = await ana.writes(owner, 'too early');
    await sent.acknowledged();

    expect(await harness.inbox(instance)).toEqual([]);
  });
});

describe('sending', () => {
  it('sends to a number that never wrote, and follows the receipts', async () => {
    const instance = await harness.linked(owner);

    const sent = await harness.sessions.sendText(instance, { to: CLIENT, message: 'bom dia' });
    const received = await ana.receives(({ text }) => text === 'bom dia');
    ana.reads(received);

    expect(sent.status).toBe('sent');
    expect(received.id).toBe(sent.whatsappMessageId);
    await expect.poll(() => statusOf(sent.messageId)).toBe('read');
    expect(await harness.read(instance)).toMatchObject({ messagesSentCount: 1 });
  });

  it('answers a client, who can read it, and hears the next message', async () => {
    const instance = await harness.linked(owner);
    await (await ana.writes(owner, 'oi')).acknowledged();

    await harness.sessions.sendText(instance, { to: CLIENT, message: 'ola' });
    await ana.receives(({ text }) => text === 'ola');
    await (await ana.writes(owner, 'obrigada')).acknowledged();

    expect((await harness.inbox(instance)).map(({ text }) => text)).toEqual(['oi', 'obrigada']);
  });

  it.each(['न', '😀'])('brings the longest text of %s whole', async (character) => {
    const instance = await harness.linked(owner);
    const message = character.repeat(65_536 / character.length);

    const sent = await harness.sessions.sendText(instance, { to: CLIENT, message });
    const received = await ana.receives(({ id }) => id === sent.whatsappMessageId);

    expect(sent.status).toBe('sent');
    expect(received.text === message).toBe(true);
  });

  it('finds a Brazilian number without its ninth digit', async () => {
    const instance = await harness.linked(owner);
    harness.sim.addPhone({ number: '552188776655', name: 'Old number' });

    const sent = await harness.sessions.sendText(instance, { to: '5521988776655', message: 'exact' });
    await ana.receives(({ text }) => text === 'exact');
    const bia = harness.sim.addPhone({ number: '553188112233', name: 'Bia' });
    await harness.sessions.sendText(instance, { to: '5531988112233', message: 'variant' });

    expect(sent.status).toBe('sent');
    expect((await bia.receives(({ text }) => text === 'variant')).text).toBe('variant');
  });

  it('refuses a number that is not on WhatsApp, and stores nothing', async () => {
    const instance = await harness.linked(owner);

    const sending = harness.sessions.sendText(instance, { to: '5521900000000', message: 'hello' });

    await expect(sending).rejects.toMatchObject({ code: 'recipient_not_on_whatsapp' });
    expect((await harness.database.sql('select 1 from messages')).rows).toEqual([]);
  });

  it('keeps the reason of a message that WhatsApp refused', async () => {
    const instance = await harness.linked(owner);
    harness.sim.faults.refuseMessages(owner, 479);

    const sending = harness.sessions.sendText(instance, { to: CLIENT, message: 'hello' });

    await expect(sending).rejects.toMatchObject({ code: 'whatsapp_stanza_rejected' });
    const { rows } = await harness.database.sql('select status, error from messages');
    expect(rows).toEqual([{ status: 'failed', error: 'whatsapp_stanza_rejected' }]);
  });

  it('refuses to send through an instance that is not on line', async () => {
    const instance = await harness.addInstance();

    const sending = harness.sessions.sendText(instance, { to: CLIENT, message: 'hello' });

    await expect(sending).rejects.toMatchObject({ code: 'instance_not_connected' });
  });
});

async function statusOf(messageId: string): Promise<unknown> {
  const { rows } = await harness.database.sql('select status from messages where id = $1::text::uuid', [
    messageId,
  ]);
  return (rows as { status: string }[])[0]?.status;
}
