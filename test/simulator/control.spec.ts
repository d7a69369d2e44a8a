import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { Scenario } from './scenario.js';

const scene = new Scenario();

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${scene.sim.controlUrl}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('the control API', () => {
  it('describes itself', async () => {
    const { status, body } = await call('GET', '');

    expect(status).toBe(200);
    expect((body['routes'] as { path: string }[]).map(({ path }) => path)).toContain(
      '/control/phones/:number/write',
    );
  });

  it('links a client, writes to it and waits for its answer', async () => {
    const client = scene.client().connect();
    expect((await call('POST', '/phones', { number: '5511966665555', name: 'Carla' })).status).toBe(200);

    const linked = await call('POST', '/phones/5511999887766/scan', { qr: await client.qr() });
    expect(linked.body).toEqual({ device: 10 });
    await client.closed();
    client.connect();
    await client.online();
    const written = await call('POST', '/phones/5511966665555/write', {
      to: '5511999887766',
      text: 'oi',
      acknowledged: true,
    });
    expect(written.body).toMatchObject({ acknowledged: true, to: '5511999887766' });
    const { message } = await client.message('oi');
    const waiting = call('GET', '/phones/5511966665555/messages?after=0&wait=10000');
    await client.sock.sendMessage(message.key.remoteJid!, { text: 'tudo bem?' });

    const { body } = await waiting;
    expect(body).toMatchObject({
      after: 1,
      messages: [{ from: '5511999887766', text: 'tudo bem?', kind: 'extendedTextMessage' }],
    });
    const [got] = body['messages'] as { id: string }[];
    expect((await call('POST', '/phones/5511966665555/read', { id: got?.id })).status).toBe(200);
    expect((await call('GET', '/ledger')).body).toMatchObject({
      unacknowledged: 0,
      counters: { messagesFromClients: 1 },
    });
    expect((await call('POST', '/phones/5511999887766/unlink', {})).body).toEqual({ unlinked: [10] });
    expect(await client.closed()).toBe(401);
  });

  it('sends files and reads what is done to messages', async () => {
    const { ana, bruno } = scene;
    const at = (path: string) => `/phones/${ana.number}${path}`;
    const file = { base64: Buffer.from('hello').toString('base64') };
    const document = { fileName: 'a.txt', mimetype: 'text/plain', file };

    const sent = await call('POST', `/phones/${bruno.number}/write`, {
      to: ana.number,
      content: { document },
    });
    const poll = await call('POST', at('/write'), {
      to: bruno.number,
      content: { poll: { question: 'When?', options: ['mon', 'tue'] } },
    });
    const vote = { vote: ['tue'], to: { id: poll.body['id'], from: ana.number } };
    await call('POST', `/phones/${bruno.number}/write`, { to: ana.number, content: vote });

    const { body } = await call('GET', at('/messages'));
    expect(body['messages']).toMatchObject([
      { kind: 'documentMessage', file: { kind: 'document', fileName: 'a.txt', size: 5 } },
      { kind: 'pollUpdateMessage', change: { kind: 'vote', target: poll.body['id'] } },
    ]);
    const path = at(`/messages/${String(sent.body['id'])}/file`);
    expect((await call('GET', `${path}?max=100`)).body).toMatchObject({ size: 5, base64: file.base64 });
    await call('POST', `/phones/${bruno.number}/messages/${String(sent.body['id'])}/expire`, {
      how: 'removed',
    });
    expect(await call('GET', path)).toMatchObject({ status: 409, body: { code: 'file-spoilt' } });
  });

  it('shows a chat as the phone does: with what was done to its messages, by either side', async () => {
    const { ana, bruno } = scene;
    const write = async (from: { number: string }, to: { number: string }, content: object) =>
      String((await call('POST', `/phones/${from.number}/write`, { to: to.number, content })).body['id']);
    const file = { base64: Buffer.from('hello').toString('base64') };
    const hello = await write(ana, bruno, { text: 'helo' });
    await write(ana, bruno, { edit: { id: hello, from: ana.number }, text: 'hello', sealed: true });
    await write(bruno, ana, { reaction: '👍', to: { id: hello, from: ana.number } });
    const gone = await write(bruno, ana, { text: 'oh no' });
    await write(bruno, ana, { revoke: { id: gone, from: bruno.number } });
    const poll = await write(ana, bruno, { poll: { question: 'When?', options: ['mon', 'tue'] } });
    await write(bruno, ana, { vote: ['tue'], to: { id: poll, from: ana.number } });
    await write(ana, bruno, { vote: ['mon'], to: { id: poll, from: ana.number } });
    const own = { id: hello, from: ana.number, text: 'hello' };
    const picture = await write(bruno, ana, { image: { file, caption: 'see' }, replyTo: own });

    const shown = await call('GET', `/phones/${ana.number}/chats/${bruno.number}`);

    expect(shown.body['messages']).toEqual([
      expect.objectContaining({
        id: hello,
        fromMe: true,
        text: 'hello',
        isEdited: true,
        isDeleted: false,
        reactions: { [bruno.number]: '👍' },
        tick: 'delivered',
      }),
      expect.objectContaining({ id: gone, fromMe: false, text: '', isDeleted: true }),
      expect.objectContaining({
        id: poll,
        kind: 'pollCreationMessageV3',
        options: ['mon', 'tue'],
        votes: { [ana.number]: ['mon'], [bruno.number]: ['tue'] },
      }),
      expect.objectContaining({
        id: picture,
        replyTo: hello,
        kind: 'imageMessage',
        text: 'see',
        file: expect.objectContaining({ kind: 'image', size: 5 }),
      }),
    ]);
    expect((await call('GET', `/phones/${bruno.number}/chats`)).body).toMatchObject({
      chats: [{ chat: ana.number }],
    });
    // Who wrote it has the file, too.
    const kept = await call('GET', `/phones/${bruno.number}/messages/${picture}/file?max=1000`);
    expect(kept.body).toMatchObject({ base64: file.base64 });
    const read = await call('POST', `/phones/${ana.number}/chats/${bruno.number}`, {});
    expect(read.status).toBe(405);
  });

  it('makes groups, and changes who is in them', async () => {
    const client = await scene.linked();
    const [owner, ana, bruno] = [scene.owner, scene.ana, scene.bruno].map(({ number }) => number);
    const made = await call('POST', '/groups', { subject: 'Family', members: `${bruno},${owner}` });
    const id = String(made.body['id']);
    const change = (body: object) => call('POST', `/groups/${id}/change`, { by: bruno, ...body });

    await change({ change: 'subject', subject: 'Friends' });
    await change({ change: 'add', members: ana });
    expect((await change({ change: 'promote', members: ana })).body).toEqual({
      id,
      subject: 'Friends',
      members: [bruno, owner, ana],
      admins: [ana],
    });
    await call('POST', `/phones/${ana}/write`, { to: id, text: 'hello all', acknowledged: true });
    await client.message('hello all');
    expect(await client.sock.groupMetadata(id)).toMatchObject({ subject: 'Friends', size: 3 });
    expect((await change({ change: 'remove', members: ana })).body).toMatchObject({
      members: [bruno, owner],
    });
    expect((await call('GET', '/groups')).body).toMatchObject({ groups: [{ id, subject: 'Friends' }] });
    expect((await call('POST', '/groups/1@g.us/change', { by: bruno, change: 'add' })).status).toBe(404);
    expect((await change({ change: 'add', members: '4' })).status).toBe(404);
  });

  it('disturbs the media server', async () => {
    const { directPath } = await scene.sim.media.store('image', Buffer.from('picture'));

    const fault = await call('POST', '/faults/media-download', { kind: 'status', status: 429 });

    expect(fault.status).toBe(200);
    expect((await fetch(scene.sim.mediaUrl + directPath)).status).toBe(429);
    expect((await fetch(scene.sim.mediaUrl + directPath)).status).toBe(200);
    expect((await call('POST', '/faults/media-upload', { kind: 'endless' })).status).toBe(400);
  });

  it('calls, types, and puts any stanza on the line', async () => {
    const client = await scene.linked();
    const calls: string[] = [];
    client.sock.ev.on('call', (each) => calls.push(...each.map(({ status }) => status)));
    const path = (what: string) => `/phones/${scene.ana.number}/${what}`;
    const to = scene.owner.number;

    expect((await call('POST', path('call'), { to, video: true })).status).toBe(200);
    expect((await call('POST', path('typing'), { to, state: 'recording' })).status).toBe(200);
    const stanza = { tag: 'notification', attrs: { id: '1', type: 'x', from: scene.ana.address('lid') } };
    expect((await call('POST', path('stanza'), { to, stanza })).status).toBe(200);
    await scene.ana.writes(scene.owner, 'last');
    await client.message('last');

    expect(calls).toEqual(['offer', 'timeout']);
  });

  it('links by code and tells why a code was refused', async () => {
    const client = scene.client().connect();
    await client.qr();
    const requested = scene.sim.next('pairing-code.requested');
    const code = await client.sock.requestPairingCode('5511999887766');
    await requested;

    const wrong = await call('POST', '/phones/5511999887766/type-code', { code: 'ABCD1234' });
    const right = await call('POST', '/phones/5511999887766/type-code', { code });

    expect(wrong).toEqual({ status: 409, body: { error: 'wrong code', code: 'wrong-code' } });
    expect(right.body).toEqual({ device: 10 });
  });

  it('causes faults', async () => {
    const client = await scene.linked();

    expect((await call('POST', '/faults/drop', { phone: '5511999887766' })).body).toEqual({ lines: 1 });

    expect(await client.closed()).toBe(428);
  });

  it.each([
    ['an unknown path', 'GET', '/nowhere', undefined, 404, 'not-found'],
    ['a wrong method', 'DELETE', '/phones', undefined, 405, 'method-not-allowed'],
    ['an unknown phone', 'GET', '/phones/1', undefined, 404, 'not-found'],
    ['a phone twice', 'POST', '/phones', { number: '5511999887766', name: 'x' }, 409, 'conflict'],
    ['a bad number', 'POST', '/phones', { number: 'abc', name: 'x' }, 400, 'invalid-input'],
    ['no JSON', 'POST', '/phones', '{', 400, 'invalid-input'],
    ['a list', 'POST', '/phones', '[]', 400, 'invalid-input'],
    ['a wrong type', 'POST', '/phones', { number: 5, name: 'x' }, 400, 'invalid-input'],
    ['a huge body', 'POST', '/phones', 'x'.repeat(1_100_000), 413, 'too-large'],
    ['an unknown fault', 'POST', '/faults/flood', {}, 404, 'not-found'],
    [
      'an unknown receiver',
      'POST',
      '/phones/5511999887766/write',
      { to: 'nobody', text: 'x' },
      400,
      'invalid-input',
    ],
    [
      'an unknown content',
      'POST',
      '/phones/5511999887766/write',
      { to: 'self', content: { song: 1 } },
      400,
      'invalid-input',
    ],
    ['an endless wait', 'GET', '/phones/5511999887766/messages?wait=999999', undefined, 400, 'invalid-input'],
  ])('answers an error to %s', async (_, method, path, body, status, code) => {
    expect(await call(method, path, body)).toMatchObject({
      status,
      body: { code, error: expect.any(String) as string },
    });
  });

  it('answers neither other host names nor pages of other origins', async () => {
    expect((await call('GET', '/state', undefined, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await call('GET', '/state', undefined, { origin: 'http://localhost:5173' })).status).toBe(200);
    const { port } = new URL(scene.sim.controlUrl);
    const status = await new Promise((resolve, reject) => {
      const asked = request(
        { port, host: '127.0.0.1', path: '/control/state', headers: { host: 'evil.example' } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      asked.on('error', reject).end();
    });
    expect(status).toBe(403);
  });

  it.each([
    [403, { host: 'evil.example' }],
    [403, { origin: 'https://evil.example' }],
    [403, { origin: 'null' }],
    [101, {}],
    [101, { origin: 'http://localhost:5173' }],
    [101, { origin: 'https://web.whatsapp.com' }], // what the library says that it is
  ])('answers %i to a WebSocket with %j', async (status, headers) => {
    const { port } = new URL(scene.sim.url);
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    const asked = request({
      port,
      host: '127.0.0.1',
      path: '/ws/chat',
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.alloc(16, 1).toString('base64'),
        ...headers,
      },
    });
    asked.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();

    expect(await promise).toBe(status);
  });

  it('is bound to loopback only', async () => {
    await expect(WhatsAppSimulator.start({ host: '0.0.0.0' })).rejects.toThrow('loopback only');
  });
});
