import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { ApiAnswer } from '../support/api-client.js';
import { BuiltService, makeServiceHome, type ServiceHome } from '../support/built-service.js';
import { listen } from '../support/event-collector.js';
import { type ProcessStore, storeOfProcess } from '../support/store-under-test.js';

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
let store: ProcessStore;
let owner: Phone;
let clients: Phone[];
let service: BuiltService | undefined;
let instanceId: string;

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  clients = ['5511988880001', '5511988880002'].map((number) => simulator.addPhone({ number, name: number }));
  home = await makeServiceHome();
  store = await storeOfProcess(home.dataDir);
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
  await store.close();
});

async function start(): Promise<BuiltService> {
  service ??= await BuiltService.start(home, {
    ...store.environment,
    WHATSAPP_WS_URL: simulator.url,
    WHATSAPP_ROOT_KEY: simulator.rootPublicKey,
  });
  return service;
}

async function end(signal: NodeJS.Signals): Promise<number | string | undefined> {
  const running = service;
  service = undefined;
  return running?.stop(signal);
}

async function kill(): Promise<void> {
  await end('SIGKILL');
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

describe('a service that is asked to stop while a send waits', () => {
  const client = () => clients[0]!;

  /** @returns the exit code, how long stopping took, and what the caller was told */
  async function stopDuring(sending: Promise<Sent | undefined>) {
    const startedAt = performance.now();
    const code = await end('SIGTERM');
    return { code, stoppedInMs: performance.now() - startedAt, answer: await sending };
  }

  async function online(): Promise<BuiltService> {
    const running = await start();
    await expect.poll(() => owner.devices[0]?.isOnline, { timeout: 20_000 }).toBe(true);
    return running;
  }

  async function rowOf(of: BuiltService, message: string): Promise<Row | undefined> {
    return (await rows(of)).find(({ content }) => content === message);
  }

  it('for an acknowledgement ends soon, says that nobody knows, and resolves it after the restart', async () => {
    const before = await online();
    client().deliveryReceipts = false;
    simulator.faults.withholdAcknowledgements(owner);
    const taken = simulator.next('client.message');
    const sending = post(before, client(), 'never acknowledged');
    await taken;

    const { code, stoppedInMs, answer } = await stopDuring(sending);

    expect(code).toBe(0);
    // Well before the acknowledgement is given up, after 20 s.
    expect(stoppedInMs).toBeLessThan(15_000);
    expect(answer).toMatchObject({ status: 202, body: { status: 'unknown' } });
    const after = await start();
    await expect
      .poll(async () => (await rowOf(after, 'never acknowledged'))?.status, { timeout: 30_000 })
      .toBe('sent');
    const received = client().received.filter(({ text }) => text === 'never acknowledged');
    expect(received.map(({ id }) => id)).toEqual([answer?.body.whatsapp_message_id]);
  });

  it('for the lookup of its recipient ends soon, and has stored nothing', async () => {
    const before = await online();
    simulator.faults.swallowQueries('usync', 10);
    const stranger = simulator.addPhone({ number: '5511988880003', name: 'Stranger' });
    const asked = simulator.next('query.disturbed');
    const sending = post(before, stranger, 'nobody found');
    await asked;

    const { code, answer } = await stopDuring(sending);
    simulator.faults.clear();

    expect(code).toBe(0);
    expect(answer).toMatchObject({ status: 503, body: { code: 'shutting_down' } });
    expect(await rowOf(await start(), 'nobody found')).toBeUndefined();
  });
});
