import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogoutsRepository } from '../../src/repositories/logouts.repository.js';
import type { Instance } from '../../src/repositories/instance.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { SessionsHarness } from '../support/sessions-harness.js';

const NUMBER = '5511999887766';

let harness: SessionsHarness;
let owner: Phone;
let instance: Instance;

beforeEach(async () => {
  harness = await SessionsHarness.start((settings) => {
    settings.logoutAnswerMs = 300;
    settings.logoutMs = 500;
    settings.logoutLeastMs = 300;
    settings.ban = { maxMs: 60_000, jitterMs: 1 };
    settings.breaker = { failures: 10_000, windowMs: 60_000, pauseMs: 60_000 };
  });
  owner = harness.sim.addPhone({ number: NUMBER, name: 'Clinic' });
  instance = await harness.linked(owner);
});

afterEach(async () => {
  await harness.stop();
});

const logouts = () => new LogoutsRepository(harness.database.client);
const result = async () => (await logouts().find('all', instance.id))?.result;

/** The number can't log in until the faults are cleared. */
function lineDown(code = 503): void {
  harness.sim.faults.failLogins(owner, code, 1_000_000);
  harness.sim.faults.dropConnection(owner);
}

function told(name: 'whatsapp:connected' | 'whatsapp:disconnected') {
  return harness.events.filter((event) => event.name === name);
}

async function audited(): Promise<unknown[]> {
  const { rows } = await harness.database.sql(
    `select actor_kind, object_id, outcome, details ->> 'result' as result from audit_log where action = 'device logout'`,
  );
  return rows;
}

describe('deleting an instance whose line is up', () => {
  it('ends when WhatsApp has confirmed the logout', async () => {
    await harness.sessions.logOut(instance);

    expect(owner.devices).toHaveLength(0);
    expect(await result()).toBe('confirmed');
    expect(await harness.read(instance)).toMatchObject({ status: 'disconnected', hasSession: false });
    expect(told('whatsapp:disconnected').map(({ payload }) => payload)).toMatchObject([
      { reason: 'logged_out' },
    ]);
    expect(await audited()).toEqual([
      { actor_kind: 'service', object_id: instance.id, outcome: 'done', result: 'confirmed' },
    ]);
  });

  it('asks again where WhatsApp does not answer', async () => {
    harness.sim.faults.swallowQueries('md', 2);
    const unlinked = harness.sim.next('device.unlinked');

    await harness.sessions.logOut(instance);
    const meanwhile = { result: await result(), stored: await harness.read(instance) };
    await unlinked;

    expect(meanwhile).toMatchObject({ result: null, stored: { hasSession: true } });
    await expect.poll(result).toBe('confirmed');
  });
});

describe('deleting an instance whose line is down', () => {
  it('waits for a line that is dialled again at once', async () => {
    harness.settings.logoutAnswerMs = 5_000;
    harness.sim.faults.dropConnection(owner);

    await harness.sessions.logOut(instance);

    expect(owner.devices).toHaveLength(0);
    expect(await result()).toBe('confirmed');
  });

  it('is done when the line is back, and nobody is told that it was', async () => {
    lineDown();
    await harness.sessions.logOut(instance);

    expect(owner.devices).toHaveLength(1);
    expect(await result()).toBeNull();
    const stored = await harness.read(instance);
    expect(stored).toMatchObject({ hasSession: true, desiredState: 'stopped' });
    expect(stored.deletedAt).not.toBeNull();
    const connections = told('whatsapp:connected').length;
    const ended = harness.event('whatsapp:disconnected');
    harness.sim.faults.clear();

    expect((await ended).payload).toMatchObject({ instanceId: instance.id, reason: 'logged_out' });
    expect(owner.devices).toHaveLength(0);
    expect(await result()).toBe('confirmed');
    expect(await harness.read(instance)).toMatchObject({ hasSession: false, accountPhone: null });
    expect(told('whatsapp:connected')).toHaveLength(connections);
    const keys = await harness.database.sql(`select 1 from whatsapp_session_keys`);
    expect(keys.rows).toEqual([]);
  });

  it('goes on after a restart', async () => {
    lineDown();
    await harness.sessions.logOut(instance);
    await harness.restart();
    harness.sim.faults.clear();

    await expect.poll(result).toBe('confirmed');

    expect(owner.devices).toHaveLength(0);
  });

  it.each([
    { code: 401, ending: 'already_unlinked', reason: 'logged_out' },
    { code: 403, ending: 'banned', reason: 'banned' },
  ] as const)('is over when WhatsApp refuses the login with $code', async ({ code, ending, reason }) => {
    lineDown(code);
    harness.settings.logoutAnswerMs = 5_000;
    await harness.sessions.logOut(instance);

    // WhatsApp may have said so before anybody asked for the logout.
    await expect.poll(result).toBe(ending);
    expect(await harness.read(instance)).toMatchObject({ hasSession: false, lastDisconnectReason: reason });
  });

  it.each([405, 409, 411, 440])('is tried again after a refusal with %s', async (code) => {
    lineDown(code);
    await harness.sessions.logOut(instance);
    const meanwhile = await result();
    harness.sim.faults.clear();

    await expect.poll(result).toBe('confirmed');
    expect(meanwhile).toBeNull();
  });

  it('is given up when its time is over, and says that the device is still linked', async () => {
    lineDown();
    await harness.sessions.logOut(instance);
    await harness.sessions.onApplicationShutdown();
    await harness.database.sql(`update whatsapp_instances set logout_expires_at = now() - interval '1 hour'`);
    const before = await harness.read(instance);
    await harness.restart();

    await expect.poll(result).toBe('expired');

    expect(before.hasSession).toBe(true);
    expect(owner.devices).toHaveLength(1);
    expect(await harness.read(instance)).toMatchObject({
      hasSession: false,
      lastDisconnectReason: 'logout_expired',
    });
    expect(told('whatsapp:disconnected').at(-1)?.payload).toMatchObject({ reason: 'logout_expired' });
    expect(await audited()).toMatchObject([{ outcome: 'failed', result: 'expired' }]);
  });

  it('is tried at least once where no process ran until its time was over', async () => {
    lineDown();
    harness.settings.logoutLeastMs = 60_000;
    await harness.sessions.logOut(instance);
    await harness.sessions.onApplicationShutdown();
    await harness.database.sql(`update whatsapp_instances set logout_expires_at = now() - interval '1 hour'`);
    harness.sim.faults.clear();
    await harness.restart();

    await expect.poll(result).toBe('confirmed');
  });
});

describe('deleting an instance', () => {
  it('is done by the process that runs it also where whoever asked for it is gone', async () => {
    harness.sessions.onApplicationBootstrap();

    await logouts().begin(instance.id, 3_600);

    await expect.poll(result).toBe('confirmed');
    expect(owner.devices).toHaveLength(0);
  });

  it('that nobody runs is done', async () => {
    await harness.sessions.onApplicationShutdown();
    await harness.restart();

    await harness.sessions.logOut(await harness.read(instance));

    await expect.poll(result).toBe('confirmed');
    expect(owner.devices).toHaveLength(0);
  });

  it('that was never linked ends at once, also while somebody is linking it', async () => {
    const idle = await harness.addInstance();
    const pairing = await harness.addInstance();
    await harness.sessions.connect(pairing, { method: 'qr' });

    for (const one of [idle, pairing]) {
      await harness.sessions.logOut(one);
      expect(await logouts().find('all', one.id)).toMatchObject({ result: 'not_linked', expiresAt: null });
      expect(harness.sessions.isRunning(one.id)).toBe(false);
    }
  });

  it('whose stored session is damaged says that the device is still linked', async () => {
    await harness.sessions.onApplicationShutdown();
    await harness.database.sql(`update whatsapp_instances set session_data = decode('00', 'hex')`);
    await harness.restart();

    await harness.sessions.logOut(await harness.read(instance));

    expect(await result()).toBe('session_unreadable');
    expect(await harness.read(instance)).toMatchObject({ hasSession: false });
  });

  it('can be undone only when its device is gone', async () => {
    lineDown();
    await harness.sessions.logOut(instance);

    await expect(harness.instances.restoreInstance(instance.id)).rejects.toMatchObject({
      code: 'logout_pending',
    });
    harness.sim.faults.clear();
    await expect.poll(result).toBe('confirmed');
    const restored = await harness.instances.restoreInstance(instance.id);

    expect(restored).toMatchObject({ deletedAt: null });
    expect(await logouts().find('all', instance.id)).toBeNull();
    await harness.linkByQr(restored!, owner);
  });

  it('says how it ended where a process of the version before wiped it', async () => {
    lineDown();
    await harness.sessions.logOut(instance);
    await harness.sessions.onApplicationShutdown();

    await harness.store.wipeSession(instance.id, { deleted: true });

    expect(await result()).toBe('unconfirmed');
  });
});
