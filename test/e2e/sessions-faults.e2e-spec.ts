import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Instance } from '../../src/repositories/instance.js';
import { DatabaseRejectedError } from '../../src/repositories/database-rejected-error.js';
import { DatabaseUnavailableError } from '../../src/repositories/database-unavailable-error.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { takeOverSession } from '../support/take-over-session.js';
import { SessionsHarness } from '../support/sessions-harness.js';

let harness: SessionsHarness;
let owner: Phone;
let ana: Phone;
let instance: Instance;

beforeEach(async () => {
  harness = await SessionsHarness.start();
  owner = harness.sim.addPhone({ number: '5511999887766', name: 'Clinic' });
  ana = harness.sim.addPhone({ number: '5521988776655', name: 'Ana' });
  instance = await harness.linked(owner);
});

afterEach(async () => {
  await harness.stop();
});

function names(): string[] {
  return harness.events.map(({ name }) => name);
}

describe('a session in trouble', () => {
  it.each([
    ['a dropped line', () => harness.sim.faults.dropConnection(owner)],
    ['a frame of garbage', () => harness.sim.faults.garbage(owner)],
    ['half a frame and the end', () => harness.sim.faults.halfFrame(owner)],
    ['a server that goes away', () => harness.sim.faults.streamError(owner, 503)],
  ])('comes back by itself after %s', async (_name, fault) => {
    const connected = harness.event('whatsapp:connected');

    fault();
    await connected;
    const sent = await ana.writes(owner, 'are you there?');
    await sent.acknowledged();

    expect(names()).toEqual(['whatsapp:connected', 'whatsapp:disconnected', 'whatsapp:connected']);
    expect((await harness.inbox(instance)).map(({ text }) => text)).toEqual(['are you there?']);
    expect(owner.devices).toHaveLength(1);
  });

  it('tells of an outage once, however often it tries', async () => {
    const lost = harness.event('whatsapp:disconnected');

    const end = harness.sim.faults.outage();
    await lost;
    await expect
      .poll(() => harness.lines.filter(({ msg }) => msg === 'connection ended').length)
      .toBeGreaterThan(3);
    const status = (await harness.read(instance)).status;
    const connected = harness.event('whatsapp:connected');
    end();
    await connected;

    expect(status).toBe('connecting');
    expect(names()).toEqual(['whatsapp:connected', 'whatsapp:disconnected', 'whatsapp:connected']);
  });

  it('forgets the session when the phone removed the device', async () => {
    const lost = harness.event('whatsapp:disconnected');

    owner.unlinks();

    expect((await lost).payload.reason).toBe('logged_out');
    await expect.poll(async () => (await harness.read(instance)).hasSession).toBe(false);
    const { rows } = await harness.database.sql('select 1 from whatsapp_session_keys');
    expect(rows).toEqual([]);
  });

  it('links again after it was removed', async () => {
    const lost = harness.event('whatsapp:disconnected');
    owner.unlinks();
    await lost;
    await expect.poll(async () => (await harness.read(instance)).hasSession).toBe(false);

    await harness.linkByQr(instance, owner);

    expect(await harness.read(instance)).toMatchObject({ status: 'connected', hasSession: true });
  });

  it('waits out a short outage of the database without losing its line', async () => {
    await (await ana.writes(owner, 'before')).acknowledged();
    harness.store.isDown = true;
    const sent = await ana.writes(owner, 'meanwhile');
    await expect.poll(() => harness.sessions.summary().groupCommit.degraded).toBe(true);
    const acknowledgedMeanwhile = sent.isAcknowledged;
    harness.store.isDown = false;
    await sent.acknowledged();

    expect(acknowledgedMeanwhile).toBe(false);
    expect(names()).toEqual(['whatsapp:connected']);
    expect((await harness.inbox(instance)).map(({ text }) => text)).toEqual(['before', 'meanwhile']);
  });

  it('closes before anything is released in a long outage of the database, and comes back with nothing lost', async () => {
    await (await ana.writes(owner, 'before')).acknowledged();
    harness.commitOptions.giveUpMs = 500;
    harness.store.isDown = true;
    const sent = await ana.writes(owner, 'meanwhile');
    await harness.sim.next('device.disconnected');
    const acknowledgedMeanwhile = sent.isAcknowledged;
    const connected = harness.event('whatsapp:connected');
    harness.store.isDown = false;
    await connected;
    await sent.acknowledged();
    await harness.sessions.sendText(instance, { to: '5521988776655', message: 'here again' });

    expect(acknowledgedMeanwhile).toBe(false);
    expect((await ana.receives(({ text }) => text === 'here again')).text).toBe('here again');
    expect((await harness.inbox(instance)).map(({ text }) => text)).toEqual(['before', 'meanwhile']);
  });

  it.each<[string, Error]>([
    ['a right that is missing', new DatabaseRejectedError('42501', '')],
    ['a function that is missing', new DatabaseRejectedError('42883', '')],
    ['a fault of the server', new DatabaseRejectedError('XX000', '')],
    ['values that can not be stored', new DatabaseRejectedError('22P05', '')],
    ['a firewall', new DatabaseUnavailableError({ httpStatus: 403, answerCode: '' })],
    ['an answer that is none', new TypeError("Cannot read properties of undefined (reading 'map')")],
  ])('comes back by itself when %s refused commits and take-overs for long', async (_name, refusal) => {
    harness.commitOptions.giveUpMs = 300;
    harness.store.refusal = refusal;
    const sent = await ana.writes(owner, 'meanwhile');
    await harness.sim.next('device.disconnected');
    // Where a commit has to work before a take-over is tried, none is.
    await expect
      .poll(() => harness.store.refusedTakeOvers > 3 || harness.sessions.summary().groupCommit.degraded)
      .toBe(true);
    expect(sent.isAcknowledged).toBe(false);
    harness.store.refusal = undefined;

    await sent.acknowledged();
    await expect.poll(async () => (await harness.read(instance)).status).toBe('connected');
    expect((await harness.inbox(instance)).map(({ text }) => text)).toEqual(['meanwhile']);
  });

  it('takes a session over that the database did not give out for a while', async () => {
    harness.commitOptions.giveUpMs = 300;
    harness.store.isDown = true;
    await ana.writes(owner, 'meanwhile');
    await harness.sim.next('device.disconnected');
    harness.store.takeOverRefusals = 5;
    harness.store.isDown = false;

    await expect.poll(async () => (await harness.inbox(instance)).length).toBe(1);
    expect(harness.store.takeOverRefusals).toBe(0);
    expect(await harness.read(instance)).toMatchObject({ status: 'connected' });
  });

  it('gives way to another process that took the session over', async () => {
    await takeOverSession(harness.database, harness.store, instance.id, 'another-process');

    const sent = await ana.writes(owner, 'hello');

    await expect.poll(() => harness.sessions.isRunning(instance.id)).toBe(false);
    expect(sent.isAcknowledged).toBe(false);
    expect(await harness.inbox(instance)).toEqual([]);
  });

  it('acknowledges what it received before it shuts down', async () => {
    await (await ana.writes(owner, 'first words')).acknowledged();
    harness.store.hold();
    const sent = await ana.writes(owner, 'last words');
    await expect.poll(() => harness.store.heldCommits).toBeGreaterThan(0);

    const stopped = harness.sessions.onApplicationShutdown();
    harness.store.letGo();
    await stopped;

    await sent.acknowledged();
    expect((await harness.inbox(instance)).map(({ text }) => text)).toEqual(['first words', 'last words']);
    expect(owner.devices).toHaveLength(1);
    expect(await harness.read(instance)).toMatchObject({ status: 'disconnected', desiredState: 'running' });
  });
});
