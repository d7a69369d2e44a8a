import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { KillableService } from '../support/killable-service.js';

/** `KILLS=50 npx vitest run --project smoke test/smoke/reply-kills.spec.ts` is the long form. */
const KILLS = Number(process.env['KILLS'] ?? 3);
const LIMIT_MS = 120_000 + KILLS * 20_000;
const ORGANIZATION = 'org_123';
/** Who write for the first time in each round. */
const CLIENTS = 4;
/** How long after the first acknowledgement the process is killed at most, in ms. */
const LATER_MS = 250;
const PATIENCE = { timeout: 90_000, interval: 250 };

let service: KillableService;

beforeAll(async () => {
  service = await KillableService.open(ORGANIZATION);
  const { api } = await service.start();
  const automatic_replies = { first_message: { enabled: true, texts: { en: 'Welcome {{contact_name}}' } } };
  await api.call('PATCH', `/api/organizations/${ORGANIZATION}/settings`, {
    automatic_replies,
  });
}, LIMIT_MS);

afterAll(() => service?.close());

it(
  'a service that is killed while clients write for the first time welcomes each of them once',
  { timeout: LIMIT_MS },
  async () => {
    const { simulator, owner } = service;
    const clients: Phone[] = [];
    for (let round = 0; round < KILLS; round++) {
      await service.online();
      const acknowledged = simulator.next('message.acknowledged').catch(() => undefined);
      const fresh = Array.from({ length: CLIENTS }, (_, place) => {
        const name = `Client ${round * CLIENTS + place}`;
        return simulator.addPhone({ number: String(5_511_900_000_000 + round * CLIENTS + place), name });
      });
      clients.push(...fresh);
      const writing = fresh.map((client) => client.writes(owner, 'hello'));
      await Promise.race([acknowledged, delay(3_000)]);
      // The time of the kill is the input of the test.
      await delay(Math.random() * LATER_MS);
      await Promise.all([service.kill(), ...writing]);
    }
    await service.start();

    const replies = () =>
      service.sql<{ content: string; status: string }>(
        `select content, status from messages where reason = 'automatic: first_message' order by ordinal`,
      );
    await expect.poll(async () => (await replies()).length, PATIENCE).toBe(clients.length);
    const open = async () => (await replies()).filter(({ status }) => /pending|unknown/.test(status));
    await expect.poll(open, PATIENCE).toEqual([]);

    const welcome = clients.map(({ name }) => `Welcome ${name}`);
    expect((await replies()).map(({ content }) => content).toSorted()).toEqual(welcome.toSorted());
    for (const client of clients) {
      expect(client.received.map(({ text }) => text)).toEqual([`Welcome ${client.name}`]);
    }
  },
);
