import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OutboundSettings } from '../../src/baileys/settings/outbound-settings.js';
import type { SentText } from '../../src/baileys/outbound/message-sender.js';
import { AppError } from '../../src/common/app-error.js';
import type { Instance } from '../../src/repositories/instance.js';
import { MessagesRepository } from '../../src/repositories/messages.repository.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { ORGANIZATION, SessionsHarness } from '../support/sessions-harness.js';

const CLIENT = '5521988776655';

let harness: SessionsHarness;
let owner: Phone;
let ana: Phone;
let instance: Instance;
/** Message stanzas of the instance that reached the server, repeats included. */
let stanzas: string[];
let bounds: OutboundSettings;

beforeEach(async () => {
  harness = await SessionsHarness.start((settings) => {
    settings.sendAckMs = 2_000;
    settings.breaker.failures = 1_000;
    bounds = settings.outbound;
    Object.assign(bounds, {
      answerMs: 30_000,
      lineWaitMs: 30_000,
      settleMs: 300,
      pauseMs: 50,
      closeMs: 200,
      refusedMs: 50,
    });
  });
  owner = harness.sim.addPhone({ number: '5511999887766', name: 'Clinic' });
  ana = harness.sim.addPhone({ number: CLIENT, name: 'Ana' });
  instance = await harness.linked(owner);
  stanzas = [];
  harness.sim.on('client.message', ({ id }) => stanzas.push(id));
});

afterEach(async () => {
  await harness.stop();
});

function send(message: string, idempotencyKey?: string): Promise<SentText> {
  return harness.sessions.sendText(instance, {
    to: CLIENT,
    message,
    ...(idempotencyKey && { idempotencyKey }),
  });
}

/** What Ana sees: text and id, in order. */
function seen(): string[] {
  return ana.received.map(({ text }) => text);
}

async function rows(): Promise<{ status: string; error: string | null; content: string }[]> {
  const { rows: found } = await harness.database.sql(
    'select status, error, content from messages order by ordinal',
  );
  return found as { status: string; error: string | null; content: string }[];
}

async function settled(): Promise<void> {
  await expect
    .poll(async () => (await rows()).filter(({ status }) => ['pending', 'unknown'].includes(status)), {
      timeout: 60_000,
    })
    .toEqual([]);
}

async function reconnected(cause: () => unknown): Promise<void> {
  const back = harness.sim.next('device.connected');
  cause();
  await back;
}

describe('a send whose line is lost', () => {
  it('is one message when the acknowledgement was lost, and the caller hears that it was sent', async () => {
    await send('before');
    harness.sim.faults.delay(owner, 60_000);
    const sending = send('acknowledged too late');
    await ana.receives(({ text }) => text === 'acknowledged too late');

    await reconnected(() => harness.sim.faults.dropConnection(owner));
    const sent = await sending;

    expect(sent.status).toBe('sent');
    expect(seen()).toEqual(['before', 'acknowledged too late']);
    expect(ana.received.at(-1)?.id).toBe(sent.whatsappMessageId);
  });

  it('is written again, in order, when it never arrived', async () => {
    await send('before');
    harness.sim.faults.freeze(owner);
    const sending = Promise.all(['one', 'two', 'three'].map((text) => send(text)));
    await expect.poll(async () => (await rows()).length).toBe(4);

    await reconnected(() => harness.sim.faults.dropConnection(owner));
    const sent = await sending;

    expect(sent.map(({ status }) => status)).toEqual(['sent', 'sent', 'sent']);
    expect(seen()).toEqual(['before', 'one', 'two', 'three']);
    expect(ana.received.slice(1).map(({ id }) => id)).toEqual(sent.map((one) => one.whatsappMessageId));
    await settled();
    expect(await harness.read(instance)).toMatchObject({ messagesSentCount: 4 });
  });

  it('is one message when its frame was held back until the line was gone', async () => {
    await send('before');
    harness.store.hold();
    const sending = send('held');
    await expect.poll(() => harness.store.heldCommits).toBeGreaterThan(0);

    await reconnected(() => {
      harness.sim.faults.dropConnection(owner);
      harness.store.letGo();
    });

    expect((await sending).status).toBe('sent');
    expect(seen()).toEqual(['before', 'held']);
  });

  it('is answered as unknown when that takes too long, and resolved all the same', async () => {
    await send('before');
    bounds.answerMs = 1_000;
    harness.sim.faults.freeze(owner);
    const { messageId, status } = await send('later');
    const meanwhile = (await rows()).at(-1)?.status;

    harness.sim.faults.dropConnection(owner);
    await ana.receives(({ text }) => text === 'later', { timeoutMs: 60_000 });
    await settled();

    expect({ status, meanwhile }).toEqual({ status: 'unknown', meanwhile: 'unknown' });
    const message = await new MessagesRepository(harness.database.client).findMessage('all', messageId);
    expect(message?.status).toMatch(/sent|delivered/);
    expect(seen()).toEqual(['before', 'later']);
  });
});

describe('a process that ended', () => {
  async function begun(content: string, ageHours = 0): Promise<string> {
    const messages = new MessagesRepository(harness.database.client);
    const whatsappMessageId = `3EB0${content.toUpperCase().padEnd(18, '0')}`;
    const { messageId } = await messages.beginOutbound({
      instanceId: instance.id,
      organizationId: ORGANIZATION,
      whatsappMessageId,
      phone: CLIENT,
      lid: ana.lid,
      chatJid: `${ana.lid}@lid`,
      content,
      contentType: 'text',
    });
    await harness.database.sql(
      `update messages set created_at = now() - make_interval(hours => $2::text::int) where id = $1::text::uuid`,
      [messageId, String(ageHours)],
    );
    return whatsappMessageId;
  }

  it('after storing a message leaves it to the next one, under its id', async () => {
    const ids = [await begun('a'), await begun('b')];

    await harness.restart();
    await ana.receives(({ text }) => text === 'b');
    await settled();

    expect(ana.received.map(({ id }) => id)).toEqual(ids);
    expect((await rows()).map(({ status }) => status)).toEqual([
      expect.stringMatching(/sent|delivered/),
      expect.stringMatching(/sent|delivered/),
    ]);
  });

  it('after the acknowledgement, before that was stored, has sent one message', async () => {
    await send('once');
    await expect.poll(() => harness.sim.ledger.received.length).toBeGreaterThan(0);
    await expect.poll(async () => (await rows())[0]?.status).toBe('delivered');
    await harness.database.sql(`update messages set status = 'pending'`);

    await harness.restart();
    await expect.poll(() => stanzas.length).toBe(2);
    await settled();

    expect(new Set(stanzas).size).toBe(1);
    expect(seen()).toEqual(['once']);
    expect(harness.sim.ledger.received.filter(({ phone }) => phone === CLIENT)).toMatchObject([
      { repeated: false },
      { repeated: true },
    ]);
  });

  it('after the acknowledgement takes no refusal of the repeat for a failure', async () => {
    await send('once');
    await expect.poll(async () => (await rows())[0]?.status).toBe('delivered');
    await harness.database.sql(`update messages set status = 'pending'`);
    harness.sim.faults.refuseMessages(owner, 463, 2);

    await harness.restart();
    await settled();

    expect((await rows())[0]).toMatchObject({ status: expect.stringMatching(/sent|delivered/), error: null });
    expect(stanzas).toHaveLength(4);
    expect(seen()).toEqual(['once']);
  });

  it('gives up a message whose repeats are refused for good, and does not claim to know why', async () => {
    await begun('in doubt');
    harness.sim.faults.refuseMessages(owner, 463, 100);

    await harness.restart();
    await settled();

    expect((await rows())[0]).toMatchObject({ status: 'failed', error: 'not_confirmed' });
    expect(stanzas).toHaveLength(bounds.maxRepeats);
  });

  it('repeats nothing of which a receipt came meanwhile', async () => {
    await send('before');
    bounds.settleMs = 5_000;
    harness.sim.faults.delay(owner, 60_000);
    const sending = send('delivered while away');
    await ana.receives(({ text }) => text === 'delivered while away');

    await harness.restart();
    await settled();

    expect((await sending).status).toBe('unknown');
    expect((await rows()).at(-1)?.status).toBe('delivered');
    expect(stanzas).toHaveLength(2);
  });

  it('gives up what is too old, with the reason', async () => {
    await begun('old', 25);
    await begun('new', 23);

    await harness.restart();
    await ana.receives(({ text }) => text === 'new');
    await settled();

    expect((await rows())[0]).toMatchObject({ status: 'failed', error: 'not_confirmed_in_time' });
    expect(seen()).toEqual(['new']);
  });

  it('leaves messages of a device that was removed, and never sends them from the next', async () => {
    await harness.sessions.onApplicationShutdown();
    await begun('nobody');
    owner.unlinks();

    await harness.restart();
    await expect.poll(async () => (await rows())[0]?.status).toBe('failed');
    await harness.linkByQr(instance, owner);
    await send('from the new device');

    expect(await rows()).toMatchObject([
      { status: 'failed', error: 'session_ended' },
      { content: 'from the new device' },
    ]);
    expect(seen()).toEqual(['from the new device']);
  });

  it('does not keep callers waiting when it stops', async () => {
    await send('before');
    harness.sim.faults.freeze(owner);
    const sending = send('in hand');
    await expect.poll(async () => (await rows()).length).toBe(2);

    await harness.sessions.onApplicationShutdown();
    harness.sim.faults.dropConnection(owner);

    expect((await sending).status).toBe('unknown');
    await harness.restart();
    await ana.receives(({ text }) => text === 'in hand');
    expect(seen()).toEqual(['before', 'in hand']);
  });
});

describe('an idempotency key', () => {
  it('names one message, whoever asks at the same time', async () => {
    const sent = await Promise.all(Array.from({ length: 5 }, () => send('hello', 'order-1')));

    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(1);
    expect(sent.map(({ status }) => status)).toEqual(['sent', 'sent', 'sent', 'sent', 'sent']);
    expect(sent.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
    expect(stanzas).toHaveLength(1);
  });

  it('gives the same answer after a restart, and while the instance is off line', async () => {
    const first = await send('hello', 'order-1');

    await harness.restart();
    const connected = harness.event('whatsapp:connected');
    const again = await send('hello', 'order-1');
    await connected;
    const lost = harness.event('whatsapp:disconnected');
    harness.sim.faults.outage();
    await lost;
    const offLine = await send('hello', 'order-1');

    expect([again, offLine]).toEqual([1, 2].map(() => ({ ...first, isReplay: true })));
    expect(seen()).toEqual(['hello']);
  });

  it('gives the same failure, and sends nothing more', async () => {
    harness.sim.faults.refuseMessages(owner, 463);
    const error = { code: 'whatsapp_contact_restricted' };

    await expect(send('hello', 'order-1')).rejects.toMatchObject(error);
    await expect(send('hello', 'order-1')).rejects.toMatchObject(error);

    expect(stanzas).toHaveLength(1);
  });

  it('is refused for another message', async () => {
    await send('hello', 'order-1');

    await expect(send('goodbye', 'order-1')).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    await send('goodbye', 'order-2');

    expect(seen()).toEqual(['hello', 'goodbye']);
  });

  it('belongs to one instance', async () => {
    const branch = harness.sim.addPhone({ number: '5511977665544', name: 'Branch' });
    const other = await harness.linked(branch);

    await send('hello', 'order-1');
    await harness.sessions.sendText(other, { to: CLIENT, message: 'hello', idempotencyKey: 'order-1' });

    await expect.poll(seen).toEqual(['hello', 'hello']);
  });

  it('takes up what a process left behind that ended before it answered', async () => {
    await send('before');
    harness.sim.faults.freeze(owner);
    void send('interrupted', 'order-1').catch(() => undefined);
    await expect.poll(async () => (await rows()).length).toBe(2);

    await harness.sessions.onApplicationShutdown();
    harness.sim.faults.dropConnection(owner);
    await harness.restart();
    const again = await send('interrupted', 'order-1');

    expect(again).toMatchObject({ status: 'sent', isReplay: true });
    expect(seen()).toEqual(['before', 'interrupted']);
  });

  it('is not used up by a call that stored nothing', async () => {
    const end = harness.sim.faults.outage();
    await harness.event('whatsapp:disconnected');
    bounds.lineWaitMs = 500;
    await expect(send('hello', 'order-1')).rejects.toMatchObject({ code: 'instance_not_connected' });
    await reconnected(end);

    expect(await send('hello', 'order-1')).toMatchObject({ status: 'sent', isReplay: false });
  });
});

describe('an instance that is off line', () => {
  it('is waited for when it is coming back', async () => {
    const end = harness.sim.faults.outage();
    await harness.event('whatsapp:disconnected');

    const sending = send('hello');
    await reconnected(end);

    expect((await sending).status).toBe('sent');
  });

  it('is waited for while it is being resumed after a start', async () => {
    await harness.restart();
    instance = await harness.read(instance);

    expect((await send('early')).status).toBe('sent');
  });

  it('refuses at once when more wait than it holds', async () => {
    harness.sim.faults.outage();
    await harness.event('whatsapp:disconnected');
    bounds.lineWaitMs = 2_500;
    const waiting = Array.from({ length: 100 }, (_, index) => send(`waiting ${index}`));
    const results = Promise.allSettled(waiting);

    await expect(send('one too many')).rejects.toMatchObject({ code: 'send_queue_full' });

    expect((await results).map((result) => (result.status === 'rejected' ? result.reason.code : ''))).toEqual(
      Array.from({ length: 100 }, () => 'instance_not_connected'),
    );
    expect(await rows()).toEqual([]);
  });
});

describe('a line that stays up and says nothing', () => {
  it('gets the message again after a while, which is still one message', async () => {
    await send('before');
    // Nobody waits for the acknowledgement any more when the caller is told.
    harness.settings.sendAckMs = 300;
    bounds.answerMs = 4_000;
    harness.sim.faults.delay(owner, 60_000);
    const { status, whatsappMessageId } = await send('unheard');
    await harness.outbound.sweep();
    const early = stanzas.length;

    bounds.sameLineMs = 0;
    await harness.outbound.sweep();
    await expect.poll(() => stanzas.length).toBe(3);

    expect({ status, early }).toEqual({ status: 'unknown', early: 2 });
    expect(stanzas.slice(1)).toEqual([whatsappMessageId, whatsappMessageId]);
    expect(seen()).toEqual(['before', 'unheard']);
  });
});

describe('a send that the database does not confirm', () => {
  afterEach(() => vi.restoreAllMocks());

  function begins(begin: (store: () => Promise<unknown>) => Promise<unknown>): void {
    bounds.storeMs = 200;
    const messages = new MessagesRepository(harness.database.client);
    const store = messages.beginOutboundTo.bind(messages);
    vi.spyOn(MessagesRepository.prototype, 'beginOutboundTo').mockImplementation(async (message) => {
      await begin(() => store(message));
      throw new AppError('database_unavailable');
    });
  }

  const stored = (id: string) => new MessagesRepository(harness.database.client).findMessage('all', id);

  it.each([undefined, 'order 1'])('is no failure, since it leaves if it is there: key %s', async (key) => {
    await send('before');
    begins((store) => store());

    const { messageId, status, isReplay } = await send('in doubt', key);
    const meanwhile = await stored(messageId);
    await reconnected(() => harness.sim.faults.dropConnection(owner));
    await ana.receives(({ text }) => text === 'in doubt');
    await settled();

    expect({ status, isReplay, meanwhile: meanwhile?.status }).toEqual({
      status: 'unknown',
      isReplay: false,
      meanwhile: 'pending',
    });
    expect((await stored(messageId))?.status).toMatch(/sent|delivered/);
    expect(seen()).toEqual(['before', 'in doubt']);
  });

  it('leaves on the line that is up when it comes to be stored after all', async () => {
    await send('before');
    let storeLate: (() => Promise<unknown>) | undefined;
    begins((store) => Promise.resolve((storeLate = store)));
    bounds.lateLookMs = 50;
    const { messageId, status } = await send('in doubt');
    const meanwhile = await stored(messageId);
    await storeLate?.();
    await ana.receives(({ text }) => text === 'in doubt');
    await settled();

    expect({ status, meanwhile }).toEqual({ status: 'unknown', meanwhile: null });
    expect((await stored(messageId))?.status).toMatch(/sent|delivered/);
    expect(seen()).toEqual(['before', 'in doubt']);
  });

  it('and was not stored is sent by the next call under its key', async () => {
    begins(() => Promise.resolve());
    const { messageId, whatsappMessageId, status } = await send('in doubt', 'order 1');
    vi.restoreAllMocks();

    expect({ status, row: await stored(messageId) }).toEqual({ status: 'unknown', row: null });
    expect(await send('in doubt', 'order 1')).toMatchObject({ status: 'sent', messageId, whatsappMessageId });
    expect(seen()).toEqual(['in doubt']);
  });
});
