import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { aPicture } from '../e2e/stored-picture.js';
import { Business } from './business.js';
import { ChatwootBridge, PATH_TOKEN } from './chatwoot-bridge.js';
import { ChatwootServer } from './chatwoot-server.js';

const PATIENCE = { timeout: 60_000 };

let business: Business;
let chatwoot: ChatwootServer;
let bridge: ChatwootBridge;

beforeAll(async () => {
  [business, chatwoot] = await Promise.all([Business.open(), ChatwootServer.start()]);
  bridge = await ChatwootBridge.start(business, chatwoot);
});
beforeEach(() => {
  chatwoot.disturb = () => undefined;
});
afterAll(async () => {
  await bridge.remove();
  await chatwoot.close();
  await business.close();
});

function contents(): string[] {
  return chatwoot.incoming().map(({ content }) => content);
}

async function anaWrites(text: string): Promise<void> {
  await (await business.ana.writes(business.owner, text)).acknowledged();
}

/** @returns once Chatwoot has it */
async function hasIncoming(text: string): Promise<void> {
  await expect.poll(contents, PATIENCE).toContain(text);
}

function conversationId(): number {
  return chatwoot.conversations.at(-1)!.id;
}

async function outbound(text: string): Promise<number> {
  const messages = await business.list<{ content: string }>('messages', '&direction=outbound');
  return messages.filter(({ content }) => content === text).length;
}

it('opens a conversation with who writes, and goes on in it', async () => {
  await anaWrites('Good morning');
  await hasIncoming('Good morning');
  await anaWrites('Are you open?');
  await hasIncoming('Are you open?');

  const [contact] = await business.list<{ id: string }>('contacts');
  expect(chatwoot.contacts).toMatchObject([
    { name: 'Ana', phone_number: `+${business.ana.number}`, identifier: `auzap:${contact!.id}` },
  ]);
  expect(chatwoot.conversations).toHaveLength(1);
  expect(contents()).toEqual(['Good morning', 'Are you open?']);
  expect(chatwoot.violations).toEqual([]);
});

it('opens another conversation once the last one is resolved', async () => {
  chatwoot.conversations[0]!.status = 'resolved';

  await anaWrites('Me again');
  await hasIncoming('Me again');

  expect(chatwoot.incoming().at(-1)!.conversation_id).toBe(chatwoot.conversations[1]!.id);
});

it('sends what an agent writes, and tells when it was delivered and read', async () => {
  const message = await chatwoot.agentWrites(conversationId(), 'Yes, until six');

  const received = await business.ana.receives(({ text }) => text === 'Yes, until six');
  await expect.poll(() => message.status, PATIENCE).toBe('delivered');
  business.ana.reads(received);
  await expect.poll(() => message.status, PATIENCE).toBe('read');
  expect(chatwoot.violations).toEqual([]);
});

it('sends a message once, however often Chatwoot tells of it', async () => {
  const message = await chatwoot.agentWrites(conversationId(), 'Told three times');
  await Promise.all([chatwoot.tell(message), chatwoot.tell(message)]);
  await business.ana.receives(({ text }) => text === 'Told three times');
  await chatwoot.tell(message);
  await chatwoot.agentWrites(conversationId(), 'The next one');
  await business.ana.receives(({ text }) => text === 'The next one');

  expect(await outbound('Told three times')).toBe(1);
});

it('sends no notes, nothing that Chatwoot says by itself, and nothing of its own', async () => {
  await chatwoot.agentWrites(conversationId(), 'She is difficult', { private: true });
  await chatwoot.agentWrites(conversationId(), 'How did we do?', { messageType: 'template' });
  await chatwoot.tell(chatwoot.incoming()[0]!, 'incoming');
  await chatwoot.tell({ ...chatwoot.incoming()[0]!, id: 1, message_type: 'outgoing' });
  const before = chatwoot.incoming().length;
  await chatwoot.agentWrites(conversationId(), 'After the notes');
  await business.ana.receives(({ text }) => text === 'After the notes');

  const sent = await business.list<{ content: string }>('messages', '&direction=outbound');
  expect(sent.map(({ content }) => content).toReversed()).toEqual([
    'Yes, until six',
    'Told three times',
    'The next one',
    'After the notes',
  ]);
  // What went out by the bridge does not come back as a message.
  expect(chatwoot.incoming()).toHaveLength(before);
});

it('hands files on, both ways', async () => {
  const bytes = await aPicture();
  await (
    await business.ana.writes(business.owner, {
      image: { file: bytes, mimetype: 'image/png', caption: 'Like this' },
    })
  ).acknowledged();
  await hasIncoming('Like this');
  const handed = chatwoot.incoming().at(-1)!;
  expect(handed.file).toMatchObject({ type: 'image/png' });
  expect(handed.file!.bytes.equals(bytes)).toBe(true);

  const file = { name: 'price list.png', type: 'image/png', bytes };
  const message = await chatwoot.agentWrites(conversationId(), 'Our prices', { file });
  const received = await business.ana.receives(
    ({ text }) => text === 'Our prices' || text?.includes('Our prices') === true,
  );
  expect((await business.ana.opens(received)).equals(bytes)).toBe(true);
  await expect.poll(() => message.status, PATIENCE).toBe('delivered');
  expect(chatwoot.incoming().filter(({ content }) => content === 'Like this')).toHaveLength(1);
  expect(chatwoot.violations).toEqual([]);
});

it('writes to a contact that an agent made, and knows it again', async () => {
  const bruno = business.simulator.addPhone({ number: '5531988776644', name: 'Bruno' });
  const contact = chatwoot.addContact('Bruno of the shop', `+${bruno.number}`);
  await (await bruno.writes(business.owner, 'Hello from Bruno')).acknowledged();
  await hasIncoming('Hello from Bruno');

  expect(chatwoot.contacts.filter(({ phone_number }) => phone_number === contact.phone_number)).toEqual([
    contact,
  ]);
  await chatwoot.agentWrites(conversationId(), 'Hello Bruno');
  await bruno.receives(({ text }) => text === 'Hello Bruno');
});

it('tells the agent what could not be sent, and why', async () => {
  const nobody = chatwoot.addContact('Nobody', '+5511900000001');
  const source = { source_id: 'x', inbox: { id: chatwoot.inboxId } };
  nobody.contact_inboxes.push(source);
  const id = 9000;
  chatwoot.conversations.push({
    id,
    inbox_id: chatwoot.inboxId,
    contact_id: nobody.id,
    source_id: 'x',
    status: 'open',
  });

  const message = await chatwoot.agentWrites(id, 'Are you there?');

  await expect.poll(() => message.status, PATIENCE).toBe('failed');
  expect(message.external_error).toMatch(/^There is no WhatsApp account with the number 5511900000001\./);
});

it('puts a message there once where the answer of Chatwoot is lost, and nothing out of order', async () => {
  const anas = chatwoot.conversations[1]!.id;
  let lost = 0;
  chatwoot.disturb = (method, path) =>
    method === 'POST' && path.endsWith('/messages') && lost++ === 0 ? 'lost' : undefined;

  await anaWrites('first of two');
  await anaWrites('second of two');
  await hasIncoming('second of two');

  const texts = chatwoot.incoming().filter(({ conversation_id }) => conversation_id === anas);
  expect(texts.slice(-2).map(({ content }) => content)).toEqual(['first of two', 'second of two']);
  expect(lost).toBe(2);
});

async function redrive(): Promise<void> {
  const id = await webhookId();
  const { status } = await business.api.call('POST', `/api/webhooks/${id}/redrive`, { after: 0 });
  expect(status).toBe(200);
  const redriving = async () => {
    const { body } = await business.api.call<{ webhook: { redrive: object | null } }>(
      'GET',
      `/api/webhooks/${id}`,
    );
    return body.webhook.redrive;
  };
  await expect.poll(redriving, PATIENCE).toBeNull();
  const waiting = async () => {
    const path = `/api/webhooks/${id}/deliveries?status=pending`;
    return (await business.api.call<{ deliveries: object[] }>('GET', path)).body.deliveries;
  };
  await expect.poll(waiting, PATIENCE).toEqual([]);
}

it.each([
  ['what it remembers', async () => undefined],
  [
    'what Chatwoot has, where its state is lost',
    async () => {
      await bridge.end('SIGKILL');
      await rm(join(bridge.folder, 'state'), { recursive: true });
      await bridge.revive();
    },
  ],
])('does an event that is delivered again no second time, by %s', async (_what, prepare) => {
  const before = chatwoot.incoming().map(({ id, source_id }) => [id, source_id]);
  await prepare();

  await redrive();

  expect(chatwoot.incoming().map(({ id, source_id }) => [id, source_id])).toEqual(before);
});

it('hands on a text whose file is late, and the file when it comes', async () => {
  const { faults } = business.simulator;
  faults.disturbDownloads({ kind: 'status', status: 503 }, 1000);
  await (await business.ana.writes(business.owner, { image: { caption: 'Late' } })).acknowledged();
  await hasIncoming('Late (the file is pending)');
  faults.clear();

  const withFile = () => chatwoot.incoming().filter(({ source_id }) => source_id?.endsWith(':file'));
  await expect.poll(withFile, PATIENCE).toHaveLength(1);
  expect(withFile()[0]).toMatchObject({ content: '', file: { type: 'image/jpeg' } });
});

it('loses and doubles nothing where it is killed, again and again', async () => {
  const anas = chatwoot.conversations[1]!.id;
  const count = 12;
  let posts = 0;
  let kill: Promise<unknown> | undefined;
  // Each third message is in Chatwoot, and the bridge dies before it knows.
  chatwoot.disturb = (method, path) => {
    if (method !== 'POST' || !path.endsWith('/messages') || ++posts % 3 !== 0) {
      return undefined;
    }
    kill ??= bridge
      .end('SIGKILL')
      .then(() => bridge.revive())
      .then(() => (kill = undefined));
    return 'lost';
  };

  const writing = (async () => {
    for (let index = 0; index < count; index += 1) {
      await anaWrites(`killed ${index}`);
    }
  })();
  const answers = [];
  for (let index = 0; index < count; index += 1) {
    await kill;
    answers.push(await chatwoot.agentWrites(anas, `answer ${index}`));
  }
  await writing;
  // What was told while the bridge was away is lost to it, and Chatwoot says so to the agent.
  const taken = answers.filter(({ status }) => status !== 'failed');
  await business.api.call('POST', `/api/webhooks/${await webhookId()}/resume`);
  await expect
    .poll(() => contents().filter((text) => text === `killed ${count - 1}`), PATIENCE)
    .toHaveLength(1);
  await expect.poll(() => taken.every(({ status }) => status === 'delivered'), PATIENCE).toBe(true);

  expect(contents().filter((text) => text.startsWith('killed '))).toEqual(
    Array.from({ length: count }, (_, index) => `killed ${index}`),
  );
  for (const { content } of taken) {
    expect(await outbound(content), content).toBe(1);
  }
  expect(posts).toBeGreaterThanOrEqual(count);
  expect(chatwoot.violations).toEqual([]);
});

async function webhookId(): Promise<string> {
  const { body } = await business.api.call<{ webhooks: { id: string }[] }>(
    'GET',
    `/api/webhooks?organization_id=${business.organizationId}`,
  );
  return body.webhooks[0]!.id;
}

it('sends what was written while the service was away, also where the bridge is killed meanwhile', async () => {
  const anas = chatwoot.conversations[1]!.id;
  await business.kill();
  const message = await chatwoot.agentWrites(anas, 'While it was away');
  expect(message.status).toBe('sent');
  await bridge.end('SIGKILL');
  await bridge.revive();
  await business.revive();

  await business.ana.receives(({ text }) => text === 'While it was away', { timeoutMs: 60_000 });
  expect(await outbound('While it was away')).toBe(1);
});

it('sends nothing that waited too long, and says so once Chatwoot is there', async () => {
  const anas = chatwoot.conversations[1]!.id;
  let tries = 0;
  chatwoot.disturb = (method) => (method === 'PATCH' && tries++ === 0 ? 503 : undefined);
  await business.kill();
  const message = await chatwoot.agentWrites(anas, 'Much too late');
  await bridge.end('SIGKILL');
  const state = new DatabaseSync(join(bridge.folder, 'state/bridge.db'));
  state.exec("update outgoing set body = json_set(body, '$.deadline', 1)");
  state.close();
  await bridge.revive();
  await business.revive();

  await expect.poll(() => message.status, PATIENCE).toBe('failed');
  expect(message.external_error).toBe(
    'It could not be sent in time (the message may have left all the same)',
  );
  expect(tries).toBe(2);
  expect(await outbound('Much too late')).toBe(0);
});

it('takes the test call of its webhook', async () => {
  const { body } = await business.api.call('POST', `/api/webhooks/${await webhookId()}/test`);

  expect(body).toMatchObject({ test: { delivered: true, response: { status: 200 } } });
});

it('believes only who signs, and who knows the path', async () => {
  const event = JSON.stringify({ type: 'whatsapp:message', data: { instanceId: business.instanceId } });
  const forged = new Webhook('whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD');
  const headers = {
    'webhook-id': 'a',
    'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
    'webhook-signature': forged.sign('a', new Date(), event),
  };
  const post = async (path: string, more: Record<string, string> = {}, body = event) =>
    (await fetch(bridge.url + path, { method: 'POST', headers: more, body })).status;

  expect(await post('/auzap', headers)).toBe(400);
  expect(await post('/auzap')).toBe(400);
  expect(await post('/chatwoot/wrong')).toBe(404);
  expect(await post(`/chatwoot/${PATH_TOKEN}x`)).toBe(404);
  expect(await post(`/chatwoot/${PATH_TOKEN}`, {}, 'no JSON')).toBe(400);
  expect(await post(`/chatwoot/${PATH_TOKEN}`, {}, 'x'.repeat(2_000_000)).catch(() => 413)).toBe(413);
  expect((await fetch(`${bridge.url}/health`)).status).toBe(200);
});

it('names all that is wrong with its configuration', async () => {
  const { code, stderr } = await ChatwootBridge.runWith({ CHATWOOT_PATH_TOKEN: 'short', PORT: 'x' });

  expect(code).toBe(1);
  expect(stderr.split('\n').map((line) => line.split(' ')[0])).toEqual([
    'AUZAP_URL',
    'AUZAP_INSTANCE_ID',
    'AUZAP_WEBHOOK_SECRET',
    'CHATWOOT_URL',
    'CHATWOOT_ACCOUNT_ID',
    'CHATWOOT_INBOX_ID',
    'CHATWOOT_ACCESS_TOKEN',
    'PORT',
    'CHATWOOT_PATH_TOKEN',
    '',
  ]);
});

it('keeps its state for its owner alone, and no text, number or secret in its log', async () => {
  const { mode } = await stat(join(bridge.folder, 'state/bridge.db'));
  expect((mode & 0o077).toString(8)).toBe('0');
  for (const secret of [chatwoot.accessToken, PATH_TOKEN, business.ana.number, 'Good morning', 'Ana']) {
    expect(bridge.output).not.toContain(secret);
  }
  expect(await bridge.end('SIGTERM')).toBe(0);
});
