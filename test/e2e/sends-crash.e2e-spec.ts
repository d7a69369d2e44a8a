import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { ApiAnswer } from '../support/api-client.js';
import { BuiltService, makeServiceHome, type ServiceHome } from '../support/built-service.js';
import { listen } from '../support/event-collector.js';

const ORGANIZATION = 'org_123';
const SEED = 20_251_101;

interface Row {
  id: string;
  content: string;
  status: string;
  error: string | null;
  whatsapp_message_id: string;
}

type Sent = ApiAnswer<{ message_id: string; whatsapp_message_id: string; status: string }>;

let simulator: WhatsAppSimulator;
let home: ServiceHome;
let owner: Phone;
let clients: Phone[];
let service: BuiltService | undefined;
let instanceId: string;

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  clients = ['5511988880001', '5511988880002'].map((number) => simulator.addPhone({ number, name: number }));
  home = await makeServiceHome();
  const first = await start();
  instanceId = await first.api.createInstance(ORGANIZATION, owner.number);
  const events = await listen(first.url, ORGANIZATION);
  await owner.types(await first.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
  events.close();
});

afterEach(async () => {
  await kill();
});

afterAll(async () => {
  await kill();
  await simulator.stop();
  await home.remove();
});

async function start(): Promise<BuiltService> {
  service ??= await BuiltService.start(home, { WHATSAPP_WS_URL: simulator.url });
  return service;
}

async function kill(): Promise<void> {
  const running = service;
  service = undefined;
  await running?.stop('SIGKILL');
}

/** @returns the answer, or undefined when the service ended before it gave one */
async function post(
  to: BuiltService,
  client: Phone,
  message: string,
  key?: string,
): Promise<Sent | undefined> {
  const path = `/api/whatsapp/instances/${instanceId}/send`;
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
  return to.api
    .call<Sent['body']>('POST', path, { to: client.number, message }, headers)
    .catch(() => undefined);
}

async function rows(of: BuiltService): Promise<Row[]> {
  const path = `/api/messages?organization_id=${ORGANIZATION}&limit=100`;
  return (await of.api.call<{ messages: Row[] }>('GET', path)).body.messages;
}

/** Calls that got no answer because the service was killed. */
let interrupted = 0;

/** A small generator of the same numbers for each seed. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

type Moment = 'the first frame' | 'the first message on a phone' | number;

/** Settles at the moment to kill. */
async function momentCame(moment: Moment, begun: Promise<unknown>): Promise<void> {
  if (typeof moment === 'number') {
    // Not a wait for something to happen: the time of the kill is the input of the test, in ms.
    await new Promise((resolve) => setTimeout(resolve, moment));
    return;
  }
  const event = moment === 'the first frame' ? 'client.message' : 'message.received';
  await Promise.race([simulator.next(event), begun]);
}

const next = random(SEED);
const MOMENTS: Moment[] = [
  'the first frame',
  'the first message on a phone',
  ...Array.from({ length: 5 }, () => Math.round(next() * 250)),
];

describe('a service that is killed while it sends', () => {
  it.each(MOMENTS.map((moment, round) => ({ moment, round })))(
    'sends each message once: killed at $moment (round $round)',
    async ({ moment, round }) => {
      const before = await start();
      await expect.poll(() => owner.devices[0]?.isOnline, { timeout: 20_000 }).toBe(true);
      const calls = Array.from({ length: 8 }, (_, index) => ({
        client: clients[index % 2]!,
        message: `round ${round} message ${index}`,
        key: index < 4 ? `key ${round}/${index}` : undefined,
      }));

      const begun = Promise.all(calls.map(({ client, message, key }) => post(before, client, message, key)));
      await momentCame(moment, begun);
      await kill();
      const early = await begun;
      interrupted += early.filter((answer) => answer === undefined).length;
      const after = await start();
      const again = await Promise.all(
        calls
          .filter(({ key }) => key !== undefined)
          .map(({ client, message, key }) => post(after, client, message, key)),
      );
      await expect
        .poll(
          async () => (await rows(after)).filter(({ status }) => ['pending', 'unknown'].includes(status)),
          {
            timeout: 30_000,
          },
        )
        .toEqual([]);

      const stored = new Map((await rows(after)).map((row) => [row.content, row]));
      for (const [index, { client, message, key }] of calls.entries()) {
        const row = stored.get(message);
        const received = client.received.filter(({ text }) => text === message);
        expect(
          received.map(({ id }) => id),
          message,
        ).toEqual(row ? [row.whatsapp_message_id] : []);
        const answers = [early[index], key === undefined ? undefined : again[index]];
        for (const answer of answers.filter((given) => given !== undefined)) {
          expect(answer).toMatchObject({
            status: 200,
            body: { message_id: row?.id, whatsapp_message_id: row?.whatsapp_message_id, status: 'sent' },
          });
        }
        expect(key === undefined || again[index]?.status === 200, message).toBe(true);
      }
    },
  );

  it('was killed in the middle of it', () => {
    expect(interrupted).toBeGreaterThan(MOMENTS.length);
  });
});
