import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { Group } from '../../src/simulator/server/group.js';
import { KillableService } from '../support/killable-service.js';

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

let service: KillableService;
let members: Phone[];
let group: Group;

beforeAll(async () => {
  service = await KillableService.open(ORGANIZATION);
  const { simulator, owner, instanceId } = service;
  members = NUMBERS.map((number) => simulator.addPhone({ number, name: number }));
  const { api } = await service.start();
  await api.call('PATCH', `/api/whatsapp/instances/${instanceId}`, { groups: 'store' });
  group = simulator.addGroup('Neighbours', [members[0]!, owner, ...members.slice(1)]);
}, LIMIT_MS);

afterAll(() => service?.close());

const sql = <Row extends object>(text: string) => service.sql<Row>(text);

it(
  'a service that is killed while a group writes loses nothing, and has nothing twice',
  { timeout: LIMIT_MS },
  async () => {
    const written: string[] = [];
    const subjects: string[] = [];
    for (let round = 0; round < KILLS; round++) {
      await service.online();
      const acknowledged = service.simulator.next('message.acknowledged').catch(() => undefined);
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
      await Promise.all([service.kill(), ...writing]);
    }
    await service.start();

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
