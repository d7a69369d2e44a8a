import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoredSessionsCheck } from '../../src/baileys/storage/stored-sessions-check.js';
import { SecretBox } from '../../src/common/secret-box.js';
import { DataKeysRepository } from '../../src/repositories/data-keys.repository.js';
import type { Instance } from '../../src/repositories/instance.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { takeOverSession } from '../support/take-over-session.js';
import { SessionsHarness } from '../support/sessions-harness.js';

let harness: SessionsHarness;
let owner: Phone;
let ana: Phone;
let instance: Instance;

beforeEach(async () => {
  harness = await SessionsHarness.start((settings) => {
    settings.replaced = { retryMs: 50, windowMs: 60_000 };
    settings.ban = { maxMs: 60_000, jitterMs: 1 };
    settings.breaker = { failures: 4, windowMs: 60_000, pauseMs: 6_000 };
  });
  owner = harness.sim.addPhone({ number: '5511999887766', name: 'Clinic' });
  ana = harness.sim.addPhone({ number: '5521988776655', name: 'Ana' });
  instance = await harness.linked(owner);
});

afterEach(async () => {
  await harness.stop();
});

function logged(msg: string): number {
  return harness.lines.filter((line) => line['msg'] === msg).length;
}

describe('when another client takes the place of a session', () => {
  it('comes back once when the session is still ours', async () => {
    const lost = harness.event('whatsapp:disconnected');
    const connected = harness.event('whatsapp:connected');

    harness.sim.faults.replaced(owner);

    expect((await lost).payload.reason).toBe('replaced');
    await connected;
    await (await ana.writes(owner, 'hello')).acknowledged();
  });

  it('stops, and keeps the session, when it happens again', async () => {
    const connected = harness.event('whatsapp:connected');
    harness.sim.faults.replaced(owner);
    await connected;

    harness.sim.faults.replaced(owner);

    await expect.poll(() => harness.sessions.isRunning(instance.id)).toBe(false);
    await expect
      .poll(() => harness.read(instance))
      .toMatchObject({ status: 'disconnected', hasSession: true, lastDisconnectReason: 'replaced' });
  });

  it('gives way to the process that holds the lease, without another login', async () => {
    await takeOverSession(harness.database, harness.store, instance.id, 'another-process');
    const { status } = await harness.read(instance);

    harness.sim.faults.replaced(owner);

    await expect.poll(() => harness.sessions.isRunning(instance.id)).toBe(false);
    expect(logged('instance connected')).toBe(1);
    // What the instance's row says is the other process's business.
    expect((await harness.read(instance)).status).toBe(status);
  });
});

describe('a take-over of our own that was given up in an outage', () => {
  it('and happens late does not end the session that it fences', async () => {
    harness.commitOptions.giveUpMs = 500;
    harness.store.isTakeOverInDoubt = true;
    harness.store.isDown = true;
    const sent = await ana.writes(owner, 'meanwhile');
    await expect
      .poll(() => harness.sessions.currentPrincipals(instance.id)?.reason)
      .toBe('storage_unavailable');
    const connected = harness.event('whatsapp:connected');
    harness.store.isDown = false;
    await connected;
    await sent.acknowledged();
    await harness.store.takeOverLate();

    await (await ana.writes(owner, 'fenced')).acknowledged();

    const texts = (await harness.inbox(instance)).map(({ text }) => text);
    expect(texts).toEqual(['meanwhile', 'fenced']);
    expect(harness.sessions.isRunning(instance.id)).toBe(true);
  });
});

describe('a temporary ban', () => {
  it('is waited for, once, and the session comes back', async () => {
    harness.sim.faults.failLogins(owner, 402, 1, { code: '101', expire: '4' });
    const connected = harness.event('whatsapp:connected');
    harness.sim.faults.dropConnection(owner);
    await expect
      .poll(() => harness.read(instance))
      .toMatchObject({ status: 'disconnected', lastDisconnectReason: 'temporarily_banned' });
    const isRunning = harness.sessions.isRunning(instance.id);

    await connected;

    expect(isRunning).toBe(true);
    expect(logged('temporarily banned: one attempt when it is over')).toBe(1);
  });

  it('that goes on ends the session and keeps its credentials', async () => {
    harness.sim.faults.failLogins(owner, 402, 2, { code: '101', expire: '0' });
    harness.sim.faults.dropConnection(owner);

    await expect.poll(() => harness.sessions.isRunning(instance.id)).toBe(false);
    expect(await harness.read(instance)).toMatchObject({ status: 'disconnected', hasSession: true });
  });
});

describe('a session that is given up for good', () => {
  function reasons(): (string | undefined)[] {
    return harness.events.flatMap(({ name, payload }) =>
      name === 'whatsapp:disconnected' ? [payload.reason] : [],
    );
  }

  it.each([
    { code: 403, reason: 'banned' },
    { code: 401, reason: 'logged_out' },
  ])('at a reconnect tells subscribers the final reason, once ($code)', async ({ code, reason }) => {
    const firstLost = harness.event('whatsapp:disconnected');
    harness.sim.faults.failLogins(owner, code, 1);
    harness.sim.faults.dropConnection(owner);
    const first = (await firstLost).payload.reason;

    await expect.poll(() => harness.sessions.isRunning(instance.id)).toBe(false);
    await harness.sessions.onApplicationShutdown();

    expect(await harness.read(instance)).toMatchObject({
      status: 'disconnected',
      lastDisconnectReason: reason,
    });
    expect(first).not.toBe(reason);
    expect(reasons()).toEqual([first, reason]);
    const { rows } = await harness.database.sql(
      `select payload->>'reason' as reason from events where name = 'whatsapp:disconnected' order by sequence`,
    );
    expect((rows as { reason: string }[]).map((row) => row.reason)).toEqual([first, reason]);
  });

  it('at its first login after a restart tells so, too', async () => {
    harness.sim.faults.failLogins(owner, 403, 1);

    await harness.restart();
    await expect
      .poll(() => harness.read(instance))
      .toMatchObject({ status: 'disconnected', lastDisconnectReason: 'banned' });

    expect(reasons()).toEqual(['service_stopped', 'banned']);
  });
});

describe('connecting an instance whose login WhatsApp refuses', () => {
  const connecting = async () => harness.sessions.connect(await harness.read(instance), { method: 'qr' });
  const sending = async () =>
    harness.sessions.sendText(await harness.read(instance), { to: ana.number, message: 'hello' });

  it.each([
    { code: 403, reason: 'banned', advice: /review/ },
    { code: 402, reason: 'temporarily_banned', advice: /when it is over/ },
    { code: 405, reason: 'client_outdated', advice: /Update the service/ },
    { code: 409, reason: 'device_refused', advice: /Linked devices/ },
    { code: 411, reason: 'no_multi_device', advice: /Update WhatsApp/ },
  ])('says that it is $reason, and so does a send', async ({ code, reason, advice }) => {
    harness.sim.faults.failLogins(owner, code, 1_000_000);
    harness.sim.faults.dropConnection(owner);
    await expect.poll(() => harness.read(instance)).toMatchObject({ lastDisconnectReason: reason });
    await expect.poll(() => harness.sessions.isRunning(instance.id)).toBe(false);

    await expect(connecting()).rejects.toMatchObject({
      name: 'AppError',
      code: `instance_${reason}`,
      message: expect.stringMatching(advice),
    });
    await expect(sending()).rejects.toMatchObject({
      code: 'instance_not_connected',
      message: expect.stringMatching(new RegExp(`\\(${reason}\\).*${advice.source}`)),
    });
  });

  it('brings it on line where WhatsApp has changed its mind', async () => {
    harness.sim.faults.failLogins(owner, 403, 1);
    harness.sim.faults.dropConnection(owner);
    await expect.poll(() => harness.read(instance)).toMatchObject({ lastDisconnectReason: 'banned' });

    expect(await connecting()).toEqual({ outcome: 'resumed' });
  });

  it('dials no earlier than a temporary ban is over', async () => {
    harness.sim.faults.failLogins(owner, 402, 1, { code: '101', expire: '3' });
    const connected = harness.event('whatsapp:connected');
    harness.sim.faults.dropConnection(owner);
    await expect
      .poll(() => harness.read(instance))
      .toMatchObject({ lastDisconnectReason: 'temporarily_banned' });

    const until = /until \d{4}-\d\d-\d\dT/;
    await expect(connecting()).rejects.toMatchObject({
      code: 'instance_temporarily_banned',
      message: expect.stringMatching(until),
    });
    await expect(sending()).rejects.toMatchObject({ message: expect.stringMatching(until) });
    await connected;
  });

  it('says why it is not there yet where WhatsApp can not be reached', async () => {
    harness.settings.resumeAnswerMs = 300;
    const comesBack = harness.sim.faults.outage();

    await expect.poll(connecting).toEqual({ outcome: 'resuming', reason: 'network' });
    comesBack();
  });

  it('links it anew where the device was removed on the phone', async () => {
    harness.sim.faults.failLogins(owner, 403, 1);
    harness.sim.faults.dropConnection(owner);
    await expect.poll(() => harness.sessions.isRunning(instance.id)).toBe(false);
    harness.sim.faults.failLogins(owner, 401, 1);

    expect(await connecting()).toEqual({ outcome: 'qr' });
    await expect.poll(() => harness.read(instance)).toMatchObject({ status: 'qr_pending' });
  });

  it('says what a send lacks before anything was linked, and after the device was removed', async () => {
    const fresh = await harness.addInstance();
    harness.sim.faults.failLogins(owner, 401, 1);
    harness.sim.faults.dropConnection(owner);
    await expect.poll(() => harness.read(instance)).toMatchObject({ hasSession: false });

    await expect(
      harness.sessions.sendText(fresh, { to: ana.number, message: 'hello' }),
    ).rejects.toMatchObject({ message: expect.stringMatching(/No phone is linked/) });
    await expect(sending()).rejects.toMatchObject({ message: expect.stringMatching(/removed on the phone/) });
  });
});

describe('failures that keep coming', () => {
  it('slow the attempts down, with a reason that people see, until a connection holds', async () => {
    harness.sim.faults.failLogins(owner, 503, 1_000);
    harness.sim.faults.dropConnection(owner);
    await expect
      .poll(() => harness.read(instance))
      .toMatchObject({ status: 'connecting', lastDisconnectReason: 'too_many_failures' });
    const attempts = logged('connection ended');
    const live = harness.sessions.currentPrincipals(instance.id);
    const connected = harness.event('whatsapp:connected');
    harness.sim.faults.clear();
    await connected;

    expect(live).toEqual({ status: 'connecting', reason: 'too_many_failures' });
    expect(attempts).toBeLessThanOrEqual(5);
    expect(await harness.read(instance)).toMatchObject({ status: 'connected', lastDisconnectReason: null });
  });

  it('do not keep a person from trying at once', async () => {
    harness.sim.faults.failLogins(owner, 503, 1_000);
    harness.sim.faults.dropConnection(owner);
    await expect.poll(() => logged('too many failures: trying at long intervals')).toBe(1);
    harness.sim.faults.clear();
    const connected = harness.event('whatsapp:connected');

    const result = await harness.sessions.connect(instance, { method: 'qr' });
    await connected;

    expect(result).toEqual({ outcome: 'resumed' });
  });
});

describe('stored sessions that can not be opened', () => {
  function checkWith(...keys: Buffer[]): StoredSessionsCheck {
    const dataKeys = new DataKeysRepository(harness.database.client);
    const box = new SecretBox(keys);
    return new StoredSessionsCheck(harness.instances, harness.store, dataKeys, box, harness.logs());
  }

  it('keep the service from starting when none can be', async () => {
    const ownKeys = `select 1 from whatsapp_session_keys where key_type = 'device-list'`;
    await expect.poll(async () => (await harness.database.sql(ownKeys)).rows).not.toEqual([]);

    await expect(checkWith(randomBytes(32)).onModuleInit()).rejects.toThrow(
      /SESSION_ENCRYPTION_KEY does not open the sessions/,
    );
  });

  it('do not when the key they were sealed with is among the configured ones, nor when there are none', async () => {
    await expect(checkWith(randomBytes(32), harness.key).onModuleInit()).resolves.toBeUndefined();
    await harness.sessions.logOut(instance);
    await expect(checkWith(randomBytes(32)).onModuleInit()).resolves.toBeUndefined();
  });

  it('stop only the instance that is damaged, and say so', async () => {
    const branch = harness.sim.addPhone({ number: '5511977665544', name: 'Branch' });
    const sound = await harness.linked(branch);
    await harness.sessions.onApplicationShutdown();
    await harness.database.sql(
      `update whatsapp_instances set session_data = decode('00', 'hex') where id = $1::text::uuid`,
      [instance.id],
    );

    await checkWith(harness.key).onModuleInit();
    await harness.restart();

    await expect.poll(async () => (await harness.read(sound)).status).toBe('connected');
    await expect
      .poll(() => harness.read(instance))
      .toMatchObject({ status: 'disconnected', lastDisconnectReason: 'session_unreadable' });
    const connecting = harness.sessions.connect(await harness.read(instance), { method: 'qr' });
    await expect(connecting).rejects.toMatchObject({ code: 'session_unreadable' });
  });

  it('are left to processes that have their key, and stay as they are', async () => {
    const nameKey = (hex: string) =>
      harness.database.sql(
        `update data_keys set wrapped = overlay(wrapped placing decode($1::text, 'hex') from 2 for 4)`,
        [hex],
      );
    const want = (state: string) =>
      harness.database.sql('update whatsapp_instances set desired_state = $1::text', [state]);
    // A process without the key does not start over such sessions; one that runs may come to see them.
    await harness.sessions.onApplicationShutdown();
    await nameKey('ffffffff');
    await want('stopped');
    await harness.restart();
    await want('running');

    const connecting = harness.sessions.connect(await harness.read(instance), { method: 'qr' });

    await expect(connecting).rejects.toMatchObject({ code: 'encryption_key_missing' });
    expect(await harness.read(instance)).toMatchObject({ lastDisconnectReason: 'service_stopped' });
    await harness.sessions.onApplicationShutdown();
    await nameKey(new SecretBox([harness.key]).keyIds[0]!.toString('hex'));
    await harness.restart();
    await expect.poll(async () => (await harness.read(instance)).status).toBe('connected');
  });

  it('can be deleted, and the instance linked anew', async () => {
    await harness.sessions.onApplicationShutdown();
    await harness.database.sql(`update whatsapp_instances set session_data = decode('00', 'hex')`);
    await harness.restart();
    await expect.poll(async () => (await harness.read(instance)).status).toBe('disconnected');

    await harness.sessions.logOut(await harness.read(instance));
    await harness.instances.restoreInstance(instance.id);
    await harness.linkByQr(await harness.read(instance), owner);

    expect(await harness.read(instance)).toMatchObject({ status: 'connected', hasSession: true });
  });
});
