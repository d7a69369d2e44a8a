import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { Group } from '../../src/simulator/server/group.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { BuiltService, makeServiceHome, type ServiceHome } from '../support/built-service.js';
import { createEmptyDatabase } from '../support/databases.js';
import { listen } from '../support/event-collector.js';

/** `KILLS=50 npx vitest run --project smoke test/smoke/group-kills.spec.ts` is the long form. */
const KILLS = Number(process.env['KILLS'] ?? 3);
const LIMIT_MS = 120_000 + KILLS * 20_000;
const ORGANIZATION = 'org_123';
const NUMBERS = ['5511988880001', '5511988880002', '5511988880003'];
/** Of each member, in each round. */
const WRITTEN = 8;
/** How long after the first acknowledgement the process is killed at most, in ms. */
const LATER_MS = 150;
const PATIENCE = { timeout: 60_000, interval: 250 };

let simulator: WhatsAppSimulator;
let home: ServiceHome;
let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
let pool: pg.Pool;
let owner: Phone;
let members: Phone[];
let group: Group;
let service: BuiltService | undefined;

beforeAll(async () => {
  [home, database, simulator] = await Promise.all([
    makeServiceHome(),
    createEmptyDatabase(),
    WhatsAppSimulator.start({}),
  ]);
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  members = NUMBERS.map((number) => simulator.addPhone({ number, name: number }));
  const { url, api } = await start();
  const instanceId = await api.createInstance(ORGANIZATION, owner.number);
  const events = await listen(url, ORGANIZATION);
  await owner.types(await api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
  events.close();
  await api.call('PATCH', `/api/whatsapp/instances/${instanceId}`, { groups: 'store' });
  group = simulator.addGroup('Neighbours', [members[0]!, owner, ...members.slice(1)]);
}, LIMIT_MS);

afterAll(async () => {
  await kill();
  await pool?.end();
  await simulator?.stop();
  await database?.drop();
  await home?.remove();
});

async function start(): Promise<BuiltService> {
  service ??= await BuiltService.start(home, {
    DATABASE_URL: database.url,
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootPublicKey,
  });
  return service;
}

async function kill(): Promise<void> {
  const running = service;
  service = undefined;
  await running?.stop('SIGKILL');
}

const sql = async <T extends object>(text: string) => (await pool.query<T>(text)).rows;

it(
  'a service that is killed while a group writes loses nothing, and has nothing twice',
  { timeout: LIMIT_MS },
  async () => {
    const written: string[] = [];
    const subjects: string[] = [];
    for (let round = 0; round < KILLS; round++) {
      await start();
      await expect.poll(() => owner.devices[0]?.isOnline, PATIENCE).toBe(true);
      const acknowledged = simulator.next('message.acknowledged').catch(() => undefined);
      const writing = members.map(async (member) => {
        for (let place = 0; place < WRITTEN; place++) {
          const text = `${member.number} ${round * WRITTEN + place}`;
          written.push(text);
          await member.writes(group.id, text);
        }
      });
      subjects.push(`Neighbours ${round}`);
      group.renames(members[0]!, subjects.at(-1)!);
      await Promise.race([acknowledged, delay(3_000)]);
      // The time of the kill is the input of the test.
      await delay(Math.random() * LATER_MS);
      await Promise.all([kill(), ...writing]);
    }
    await start();

    const stored = () =>
      sql<{ content: string }>('select content from messages where group_id is not null order by ordinal');
    await expect.poll(async () => (await stored()).length, PATIENCE).toBe(written.length);
    const changes = () =>
      sql<{ subject: string }>(`select subject from group_changes where kind = 'subject' order by id`);
    await expect.poll(async () => (await changes()).length, PATIENCE).toBe(subjects.length);

    expect((await stored()).map(({ content }) => content).toSorted()).toEqual(written.toSorted());
    expect((await changes()).map(({ subject }) => subject)).toEqual(subjects);
    for (const { number } of members) {
      const own = (list: string[]) => list.filter((text) => text.startsWith(number));
      expect(own((await stored()).map(({ content }) => content))).toEqual(own(written));
    }
    expect(
      await sql(`select
      (select count(*)::int from contacts) as contacts,
      (select count(*)::int from bookings) as bookings,
      (select count(*)::int from inbox where state <> 1) as open_or_dead,
      (select count(*)::int from events where name = 'whatsapp:group-message') as told,
      (select event_seq - (select count(*) from events) from organizations)::int as gaps`),
    ).toEqual([{ contacts: 0, bookings: 0, open_or_dead: 0, told: written.length, gaps: 0 }]);
    expect(await sql('select subject from groups')).toEqual([{ subject: subjects.at(-1) }]);
  },
);
