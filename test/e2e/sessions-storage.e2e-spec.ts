import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Instance } from '../../src/repositories/instance.js';
import { MessagesRepository } from '../../src/repositories/messages.repository.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { SentMessage } from '../../src/simulator/phones/sent-message.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { SessionsHarness } from '../support/sessions-harness.js';
import { SessionsPostgres } from '../support/sessions-postgres.js';

const SOON = { timeout: 30_000 };

let postgres: SessionsPostgres;
let database: OpenDatabase;
let harness: SessionsHarness;
let owner: Phone;
let ana: Phone;
let instance: Instance;
let databases = 0;

beforeAll(async () => {
  postgres = await SessionsPostgres.start();
});

afterAll(async () => {
  await postgres.stop();
});

beforeEach(async () => {
  databases += 1;
  database = await postgres.open(`sessions_${databases}`, 2_000);
  harness = await SessionsHarness.start(
    (settings) => {
      settings.keyStore = { readTimeoutMs: 400, giveUpMs: 60_000 };
    },
    { database, commits: { giveUpMs: 60_000, attemptTimeoutMs: 500, maxRetryDelayMs: 50 } },
  );
  owner = harness.sim.addPhone({ number: '5511999887766', name: 'Clinic' });
  ana = harness.sim.addPhone({ number: '5521988776655', name: 'Ana' });
  instance = await harness.linked(owner);
  await (await ana.writes(owner, 'before')).acknowledged();
});

afterEach(async () => {
  postgres.thaw();
  postgres.comeBack();
  postgres.slowDown(0);
  await harness.stop();
});

/** From now on a fault counts as a long one soon; before, none does, however long a test takes. */
function giveUpSoon(): void {
  harness.commitOptions.giveUpMs = 1_500;
  harness.settings.keyStore.giveUpMs = 1_500;
}

/** As Postgres refuses a write when there is no room. */
async function fillDisk(isFull: boolean): Promise<void> {
  await database.sql(`create or replace function public.refuse() returns trigger language plpgsql as
    $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`);
  for (const table of ['session_writers', 'inbox', 'whatsapp_session_keys']) {
    await database.sql(
      isFull
        ? `create trigger full_disk before insert or update on public.${table} execute function public.refuse()`
        : `drop trigger full_disk on public.${table}`,
    );
  }
}

interface Fault {
  name: string;
  reasons: string[];
  begin: () => Promise<void>;
  end: () => Promise<void>;
}

const FAULTS: Fault[] = [
  {
    name: 'gone',
    reasons: ['database_unavailable'],
    begin: async () => postgres.leave(),
    end: async () => postgres.comeBack(),
  },
  {
    name: 'frozen',
    // A call that waits for a connection of the pool is refused by the pool.
    reasons: ['database_slow', 'database_unavailable'],
    begin: () => postgres.freeze(),
    end: async () => postgres.thaw(),
  },
  {
    name: 'out of disk space',
    reasons: ['disk_full'],
    begin: () => fillDisk(true),
    end: () => fillDisk(false),
  },
];

async function writesSome(texts: string[]): Promise<SentMessage[]> {
  return Promise.all(texts.map((text) => ana.writes(owner, text)));
}

async function texts(): Promise<string[]> {
  return (await harness.inbox(instance)).map(({ text }) => text ?? '');
}

function names(): string[] {
  return harness.events.map(({ name }) => name);
}

describe.each(FAULTS)('a database that is $name', ({ reasons, begin, end }) => {
  it('for a short time holds acknowledgements back and costs no line', async () => {
    await begin();
    const sent = await writesSome(['one', 'two', 'three']);
    await expect.poll(() => harness.sessions.summary().groupCommit.degraded, SOON).toBe(true);
    const { fault } = harness.sessions.summary().groupCommit;
    const acknowledgedMeanwhile = sent.filter(({ isAcknowledged }) => isAcknowledged).length;
    await end();
    await Promise.all(sent.map((message) => message.acknowledged()));

    expect(acknowledgedMeanwhile).toBe(0);
    expect(fault?.isGivenUp).toBe(false);
    expect(reasons).toContain(fault?.reason);
    expect(names()).toEqual(['whatsapp:connected']);
    expect(await texts()).toEqual(['before', 'one', 'two', 'three']);
    await expect.poll(async () => (await harness.readiness()).status, SOON).toBe('ready');
  });

  it('for a long time costs the line before anything is released; all comes back without a restart', async () => {
    giveUpSoon();
    const disconnected = harness.sim.next('device.disconnected');
    await begin();
    const sent = await writesSome(['one', 'two', 'three']);
    await disconnected;
    await expect
      .poll(() => harness.sessions.currentPrincipals(instance.id)?.reason, SOON)
      .toBe('storage_unavailable');
    const { status, checks } = await harness.readiness();
    const live = harness.sessions.currentPrincipals(instance.id);
    const acknowledgedMeanwhile = sent.filter(({ isAcknowledged }) => isAcknowledged).length;
    const more = await writesSome(['four']);
    await end();
    await Promise.all([...sent, ...more].map((message) => message.acknowledged()));

    expect({ status, live, acknowledgedMeanwhile, session: checks.sessions.status }).toEqual({
      status: 'unavailable',
      live: { status: 'connecting', reason: 'storage_unavailable' },
      acknowledgedMeanwhile: 0,
      session: 'down',
    });
    expect(reasons).toContain(checks.sessions.reason);
    expect(await texts()).toEqual(['before', 'one', 'two', 'three', 'four']);
    await expect.poll(() => harness.read(instance), SOON).toMatchObject({ status: 'connected' });
    await expect
      .poll(names, SOON)
      .toEqual(['whatsapp:connected', 'whatsapp:disconnected', 'whatsapp:connected']);
    await expect.poll(async () => (await harness.readiness()).status, SOON).toBe('ready');
  });
});

describe('a request for a new copy of a message', () => {
  it.each([
    ['waits while the database is away', 0],
    ['is heard again when the database was away for too long', 1],
  ])('%s', async (_name, lines) => {
    await harness.sessions.sendText(instance, { to: ana.number, message: 'welcome' });
    const { id } = await ana.receives(({ text }) => text === 'welcome');
    const asked = vi.spyOn(MessagesRepository.prototype, 'wereSentTo').mockClear();
    if (lines > 0) {
      giveUpSoon();
    }
    let lost = 0;
    harness.sim.on('device.disconnected', () => (lost += 1));
    postgres.leave();
    ana.asksAgain(owner, id);
    await expect.poll(() => asked.mock.settledResults[0]?.type, SOON).toBe('rejected');
    await expect.poll(() => lost, SOON).toBe(lines);
    postgres.comeBack();

    const copies = () =>
      harness.sim.ledger.received.filter((message) => message.id === id && message.phone === ana.number);
    await expect.poll(copies, SOON).toHaveLength(2);
    expect(lost).toBe(lines);
  });
});

describe('a database that is slow', () => {
  it('delays acknowledgements and costs nothing else', async () => {
    postgres.slowDown(250);
    const sent = await writesSome(Array.from({ length: 40 }, (_, index) => `message ${index}`));
    await Promise.all(sent.map((message) => message.acknowledged()));
    postgres.slowDown(0);

    expect(names()).toEqual(['whatsapp:connected']);
    expect(await texts()).toHaveLength(41);
  });

  it('beyond what a call may take is waited for as one that is away', async () => {
    giveUpSoon();
    postgres.slowDown(900);
    const sent = await writesSome(['one']);
    await expect
      .poll(() => harness.sessions.currentPrincipals(instance.id)?.reason, SOON)
      .toBe('storage_unavailable');
    const { fault } = harness.sessions.summary().groupCommit;
    postgres.slowDown(0);
    await sent[0]!.acknowledged();

    expect(fault?.reason).toBe('database_slow');
    expect(await texts()).toEqual(['before', 'one']);
  });
});

describe('while the database is away', () => {
  it('many sessions ask one small question at a time, and all come back soon after', async () => {
    const instances = [instance];
    for (let index = 0; index < 7; index++) {
      const phone = harness.sim.addPhone({ number: `551190000000${index}`, name: `Branch ${index}` });
      instances.push(await harness.linked(phone));
      await (await ana.writes(phone, 'before')).acknowledged();
    }
    giveUpSoon();
    postgres.leave();
    await writesSome(['meanwhile']);
    const owners = harness.sim.phones.filter((phone) => phone !== ana);
    await Promise.all(owners.map((phone) => ana.writes(phone, 'hi')));
    await expect
      .poll(
        () =>
          instances.filter(({ id }) => harness.sessions.currentPrincipals(id)?.status !== 'connected').length,
        SOON,
      )
      .toBe(8);
    postgres.comeBack();
    await expect.poll(() => harness.sessions.summary().connected, SOON).toBe(8);

    for (const { id } of instances) {
      const { rows } = await database.sql(
        `select lease_epoch from whatsapp_instances where id = $1::text::uuid`,
        [id],
      );
      // Linked once, taken over once more: no hammering.
      expect(Number((rows as { lease_epoch: number }[])[0]?.lease_epoch)).toBeLessThanOrEqual(3);
    }
  });
});
