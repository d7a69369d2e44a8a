import { afterEach, describe, expect, it } from 'vitest';
import type { SessionSettings } from '../../src/baileys/settings/session-settings.js';
import type { WatchdogKind } from '../../src/baileys/connection/watchdogs.js';
import type { Instance } from '../../src/repositories/instance.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { SessionsHarness } from '../support/sessions-harness.js';

let harness: SessionsHarness;
let owner: Phone;
let ana: Phone;
let instance: Instance;

async function start(adjust: (settings: SessionSettings) => void): Promise<void> {
  harness = await SessionsHarness.start(adjust);
  owner = harness.sim.addPhone({ number: '5511999887766', name: 'Clinic' });
  ana = harness.sim.addPhone({ number: '5521988776655', name: 'Ana' });
  instance = await harness.linked(owner);
}

afterEach(async () => {
  await harness.stop();
});

function tripped(kind: WatchdogKind): number {
  return harness.sessions.summary().watchdogs[kind];
}

async function texts(): Promise<string[]> {
  return (await harness.inbox(instance)).map(({ text }) => text ?? '');
}

describe('watchdogs', () => {
  it('notice a line that is dead without having been closed', async () => {
    await start((settings) => {
      settings.keepAliveMs = 500;
      settings.pingAnswerMs = 2_500;
    });
    const connected = harness.event('whatsapp:connected');
    const [device] = owner.devices;
    const frozen = device?.connection?.socket;

    harness.sim.faults.freeze(owner);
    const sent = await ana.writes(owner, 'are you there?');
    await connected;
    await sent.acknowledged();
    frozen?.thaw();

    expect(tripped('line_silent')).toBe(1);
    expect(await texts()).toEqual(['are you there?']);
    expect((await harness.read(instance)).lastDisconnectReason).toBeNull();
  });

  it('leave a line alone that is quiet, and answers', async () => {
    await start((settings) => {
      settings.keepAliveMs = 40;
      settings.pingAnswerMs = 10_000;
    });
    await harness.sim.next('device.bootstrapped').catch(() => undefined);

    await (await ana.writes(owner, 'hello')).acknowledged();
    await expect(ana.receives(({ text }) => text === 'never', { timeoutMs: 500 })).rejects.toThrow(/./);

    expect(tripped('line_silent')).toBe(0);
    expect(harness.events.map(({ name }) => name)).toEqual(['whatsapp:connected']);
  });

  it('do not take the pause of a long backlog for a dead line', async () => {
    await start((settings) => {
      settings.keepAliveMs = 150;
      settings.pingAnswerMs = 150;
    });
    await harness.sessions.onApplicationShutdown();
    const written = Array.from({ length: 1_600 }, (_, index) => `message ${index}`);
    const sent = await Promise.all(written.map((text) => ana.writes(owner, text)));

    await harness.restart();
    await Promise.all(sent.map((message) => message.acknowledged(150_000)));

    expect(tripped('line_silent')).toBe(0);
    expect(await texts()).toEqual(written);
  });

  it('notice a session that is deaf because a key is never read', async () => {
    await start((settings) => {
      settings.stanzaMs = 2_000;
      settings.keyStore = { readTimeoutMs: 30_000, giveUpMs: 30_000 };
    });
    // A login reads a pre-key, too.
    harness.settings.connectWatchdogMs = 3_000;
    harness.store.hangingReads = 'pre-key';
    const sent = await ana.writes(owner, 'can you hear me?');
    await expect.poll(() => tripped('deaf')).toBe(1);
    harness.store.hangingReads = undefined;
    await sent.acknowledged();

    expect(await texts()).toEqual(['can you hear me?']);
  });

  it('give a session up whose reads never return, before anything is answered wrongly', async () => {
    await start((settings) => {
      settings.keyStore = { readTimeoutMs: 400, giveUpMs: 1_500 };
    });
    harness.store.hangingReads = 'pre-key';
    const sent = await ana.writes(owner, 'hello');
    await expect.poll(() => tripped('store_stuck')).toBeGreaterThan(0);
    const acknowledgedMeanwhile = sent.isAcknowledged;
    harness.store.hangingReads = undefined;
    await sent.acknowledged();

    expect(acknowledgedMeanwhile).toBe(false);
    expect(harness.store.hungReads).toBeGreaterThan(1);
    expect(await texts()).toEqual(['hello']);
  });

  it('give a session up whose commit never returns; should it happen later all the same, nothing is doubled', async () => {
    await start(() => undefined);
    await (await ana.writes(owner, 'before')).acknowledged();
    Object.assign(harness.commitOptions, { giveUpMs: 600, attemptTimeoutMs: 200 });
    harness.store.hold();
    const sent = await ana.writes(owner, 'meanwhile');
    await expect.poll(() => tripped('store_stuck')).toBe(1);
    const { status } = await harness.readiness();
    await expect
      .poll(() => harness.sessions.currentPrincipals(instance.id))
      .toEqual({ status: 'connecting', reason: 'storage_unavailable' });
    const acknowledgedMeanwhile = sent.isAcknowledged;
    harness.store.letGo();
    await sent.acknowledged();

    expect({ status, acknowledgedMeanwhile }).toEqual({
      status: 'unavailable',
      acknowledgedMeanwhile: false,
    });
    expect(await texts()).toEqual(['before', 'meanwhile']);
    await expect.poll(async () => (await harness.readiness()).status).toBe('ready');
  });

  it('restart the line when a transaction holds its lock for too long', async () => {
    await start((settings) => {
      settings.transactionMs = 2_000;
      settings.keyStore = { readTimeoutMs: 30_000, giveUpMs: 30_000 };
    });
    // A login reads a pre-key, too.
    harness.settings.connectWatchdogMs = 3_000;
    harness.store.hangingReads = 'pre-key';
    const sent = await ana.writes(owner, 'hello');
    await expect.poll(() => tripped('lock_held')).toBe(1);
    harness.store.hangingReads = undefined;
    await sent.acknowledged();

    expect(await texts()).toEqual(['hello']);
  });

  it('do not wait for a connection that was refused by HTTP', async () => {
    await start(() => undefined);
    const end = harness.sim.faults.outage('http-503');
    await expect.poll(() => tripped('upgrade_refused')).toBeGreaterThan(2);
    const connected = harness.event('whatsapp:connected');
    end();
    await connected;

    expect(tripped('not_on_line')).toBe(0);
    expect(harness.lines).toContainEqual(
      expect.objectContaining({ msg: 'watchdog: the connection was refused by http', status: 503 }),
    );
  });
});
