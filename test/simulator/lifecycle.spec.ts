import { describe, expect, it } from 'vitest';
import { Scenario } from './scenario.js';

const scene = new Scenario();

describe('the offline queue', () => {
  it('keeps what is not acknowledged, in order, and delivers it at the next login', async () => {
    const client = await scene.linked();
    const [device] = scene.owner.devices;
    const away = scene.sim.next('device.disconnected');
    scene.sim.faults.dropConnection(scene.owner);
    expect(await client.closed()).toBe(428);
    await away;

    const sent = [];
    for (const text of ['one', 'two', 'three']) {
      sent.push(await scene.ana.writes(scene.owner, text));
    }
    expect(device?.pendingCount).toBe(3);
    client.connect();
    await client.online();

    await Promise.all(sent.map((each) => each.acknowledged()));
    await client.message('three');
    expect(client.messages.slice(-3).map(({ type }) => type)).toEqual(['append', 'append', 'append']);
    expect(client.messages.slice(-3).map(({ message }) => message.key.id)).toEqual(sent.map(({ id }) => id));
    expect(device?.pendingCount).toBe(0);
    expect(scene.sim.ledger.unacknowledged).toEqual([]);
  });

  it('delivers the same ciphertext again when a line broke before the answer', async () => {
    const client = await scene.linked();
    const ciphertexts: string[] = [];
    const watch = (): void => {
      client.sock.ws.on('CB:message', (node: { content: { tag: string; content: Buffer }[] }) => {
        ciphertexts.push(node.content.find(({ tag }) => tag === 'enc')?.content.toString('hex') ?? '');
      });
    };
    watch();
    client.sock.ws.prependListener('CB:message', () => scene.sim.faults.dropConnection(scene.owner));

    const sent = await scene.ana.writes(scene.owner, 'fragile');
    await client.closed();
    client.connect();
    watch();
    await client.online();
    await sent.acknowledged().catch(() => undefined);

    expect(ciphertexts.length).toBe(2);
    expect(ciphertexts[0]).toBe(ciphertexts[1]);
    expect(sent.deliveries[0]).toMatchObject({ timesDelivered: 2 });
  });

  it('takes messages for a device that never logged in', async () => {
    const client = scene.client().connect();
    await scene.owner.scans(await client.qr());
    await client.closed();
    const sent = await scene.ana.writes(scene.owner, 'early bird');

    client.connect();
    await client.online();

    await sent.acknowledged();
    expect((await client.message('early bird')).type).toBe('append');
  });
});

describe('ending', () => {
  it('logs out from the client', async () => {
    const client = await scene.linked();
    const unlinked = scene.sim.next('device.unlinked');

    await client.sock.logout();

    expect(await client.closed()).toBe(401);
    await unlinked;
    expect(scene.owner.devices).toEqual([]);
    client.connect();
    expect(await client.closed()).toBe(401);
  });

  it('unlinks from the phone', async () => {
    const client = await scene.linked();

    scene.owner.unlinks();

    expect(await client.closed()).toBe(401);
    client.connect();
    expect(await client.closed()).toBe(401);
  });

  it('replaces the older connection of the same device', async () => {
    const client = await scene.linked();
    const second = scene.client();
    second.auth.creds = client.auth.creds;
    for (const [key, value] of client.auth.store) {
      second.auth.store.set(key, value);
    }

    second.connect();

    expect(await client.closed()).toBe(440);
    await second.online();
  });

  it('refuses a stranger with the credentials of a device but another noise key', async () => {
    const client = await scene.linked();
    const thief = scene.client();
    const { noiseKey } = thief.auth.creds;
    thief.auth.creds = { ...client.auth.creds, noiseKey };

    thief.connect();

    expect(await thief.closed()).toBe(401);
    expect(scene.owner.devices[0]?.connected).toBe(true);
  });

  it.each([401, 402, 403, 405, 503])('refuses a login with %i on demand', async (reason) => {
    const client = await scene.linked();
    scene.sim.faults.failLogins(scene.owner, reason);
    scene.sim.faults.dropConnection(scene.owner);
    await client.closed();

    client.connect();
    expect(await client.closed()).toBe(reason);
    client.connect();
    await client.online();
  });

  it.each([503, 515, 500])('ends a stream with %i on demand', async (code) => {
    const client = await scene.linked();

    scene.sim.faults.streamError(scene.owner, code);

    expect(await client.closed()).toBe(code);
  });

  it('lets nobody in during an outage', async () => {
    const client = await scene.linked();
    const end = scene.sim.faults.outage();
    expect(await client.closed()).toBe(428);
    client.connect();
    expect(await client.closed()).toBe(408);

    end();

    client.connect();
    await client.online();
  });

  it('tells of every connection, by number, how far it got', async () => {
    const seen: string[] = [];
    scene.sim.on('connection.opened', ({ connection }) => seen.push(`${connection} opened`));
    scene.sim.on('device.connected', ({ connection }) => seen.push(`${connection} on line`));
    scene.sim.on('connection.ended', ({ connection }) => seen.push(`${connection} ended`));

    const client = await scene.linked();
    const away = scene.sim.next('device.disconnected');
    scene.sim.faults.dropConnection(scene.owner);
    await Promise.all([client.closed(), away]);

    expect(seen).toEqual(['1 opened', '1 ended', '2 opened', '2 on line', '2 ended']);
  });

  it('notices nothing of a frozen line until it thaws', async () => {
    const client = await scene.linked();
    scene.sim.faults.freeze(scene.owner);
    const sent = await scene.ana.writes(scene.owner, 'cold');
    expect(sent.isAcknowledged).toBe(false);

    scene.sim.faults.thaw(scene.owner);

    await sent.acknowledged();
    await client.message('cold');
  });
});

describe('a slow line', () => {
  it('keeps the order of what it carries', async () => {
    const client = await scene.linked();
    scene.sim.faults.delay(scene.owner, 20);

    const sent = await Promise.all(['a', 'b', 'c'].map((text) => scene.ana.writes(scene.owner, text)));
    await Promise.all(sent.map((each) => each.acknowledged()));
    scene.sim.faults.delay(scene.owner, 0);

    await client.message('c');
    expect(client.messages.slice(-3).map(({ message }) => message.key.id)).toEqual(sent.map(({ id }) => id));
  });
});

describe('message faults', () => {
  it('a duplicate is answered with 487 and not shown twice', async () => {
    const client = await scene.linked();
    scene.sim.faults.duplicate(scene.owner);
    const answers: unknown[] = [];
    client.sock.ws.on('CB:message', (node: { attrs: { id: string } }) => answers.push(node.attrs.id));

    const sent = await scene.ana.writes(scene.owner, 'twice');
    await sent.acknowledged();
    await (await scene.ana.writes(scene.owner, 'after')).acknowledged();

    expect(answers.filter((id) => id === sent.id).length).toBe(2);
    expect(scene.sim.ledger.counters.nacks).toEqual({ 487: 1 });
    expect(client.messages.filter(({ message }) => message.key.id === sent.id).length).toBe(1);
  });

  it('stanzas may overtake one another', async () => {
    const client = await scene.linked();
    await (await scene.ana.writes(scene.owner, 'zero')).acknowledged();
    scene.sim.faults.reorder(scene.owner);

    await Promise.all([scene.ana.writes(scene.owner, 'first'), scene.ana.writes(scene.owner, 'second')]);

    await client.message('first');
    expect(client.messages.slice(-2).map(({ message }) => message.message?.conversation)).toEqual([
      'second',
      'first',
    ]);
  });

  it('a message the client cannot decrypt is sent again under the same id', async () => {
    const client = await scene.linked();
    scene.sim.faults.corrupt(scene.owner);

    const sent = await scene.ana.writes(scene.owner, 'damaged');

    await sent.acknowledged();
    expect((await client.message('damaged')).message.key.id).toBe(sent.id);
    expect(scene.sim.ledger.counters).toMatchObject({ retryRequestsFromClients: 1, nacks: { 500: 1 } });
  });

  it('a nack right behind the request for it does not end a message', async () => {
    const client = await scene.linked(scene.owner, { retryRequestDelayMs: 0 });
    scene.sim.faults.corrupt(scene.owner);

    const sent = await scene.ana.writes(scene.owner, 'damaged');

    await expect(sent.acknowledged()).resolves.toBeUndefined();
    await client.message('damaged');
  });

  it('a message the phone cannot decrypt is asked for again', async () => {
    const client = await scene.linked();
    await scene.ana.writes(scene.owner, 'question');
    await client.message('question');
    scene.sim.faults.forgetSessions(scene.ana);

    const sent = await client.sock.sendMessage(scene.ana.address('lid'), { text: 'answer' });

    expect((await scene.ana.receives((m) => m.text === 'answer')).id).toBe(sent?.key.id);
    expect(scene.sim.ledger.counters.retryRequestsFromPhones).toBe(1);
  });

  it('a query may stay unanswered or be refused', async () => {
    const client = await scene.linked();
    scene.sim.faults.refuseQueries('w:mex', 503);
    await expect(client.sock.fetchAccountReachoutTimelock()).rejects.toThrow('fault');
    await expect(client.sock.fetchAccountReachoutTimelock()).resolves.toMatchObject({ isActive: false });
    scene.sim.faults.swallowQueries('w:mex');
    const outcome = client.sock.fetchAccountReachoutTimelock().then(
      () => 'answered',
      () => 'failed',
    );
    const ping = client.sock.query({
      tag: 'iq',
      attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' },
    });
    expect(await Promise.race([outcome, ping.then(() => 'ping first')])).toBe('ping first');
  });
});

describe('one-time keys', () => {
  it('are counted, handed out once, and asked for when they run low', async () => {
    await scene.linked();
    const [device] = scene.owner.devices;
    const before = device?.preKeyCount ?? 0;
    expect(before).toBe(811);
    const ids = new Set<number | undefined>();

    while ((device?.preKeyCount ?? 0) >= 5) {
      ids.add(device?.bundle().oneTimeKey?.id);
    }

    expect(ids.size).toBe(807);
    await expect.poll(() => device?.preKeyCount).toBeGreaterThanOrEqual(5);
  });
});

describe('many clients', () => {
  it('link, receive and answer at once', async () => {
    const phones = Array.from({ length: 20 }, (_, i) =>
      scene.sim.addPhone({ number: `55219000000${String(i).padStart(2, '0')}`, name: `Shop ${i}` }),
    );

    await Promise.all(
      phones.map(async (phone, i) => {
        const client = await scene.linked(phone);
        const sent = await scene.ana.writes(phone, `to ${i}`);
        await sent.acknowledged();
        const { message } = await client.message(`to ${i}`);
        await client.sock.sendMessage(message.key.remoteJid!, { text: `from ${i}` });
        await scene.ana.receives((m) => m.text === `from ${i}` && m.from === phone.number, {
          timeoutMs: 90_000,
        });
      }),
    );

    expect(scene.sim.ledger.unacknowledged).toEqual([]);
    expect([...scene.sim.unknownQueries]).toEqual([]);
  });
});
