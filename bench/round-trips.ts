import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { WhatsAppSimulator } from '../src/simulator/whatsapp-simulator.js';
import { ApiClient } from '../test/support/api-client.js';
import { BuiltService, makeServiceHome } from '../test/support/built-service.js';
import { type MigratedProject, startMigratedProject } from '../test/support/hosted/migrated-project.js';
import { SocketClient } from '../test/support/socket-client.js';
import { quantile } from './figures.js';
import type { BenchOptions } from './options.js';
import type { BenchEnvironment } from './bench-environment.js';
import { type EnvironmentInfo, environmentInfo } from './environment-info.js';

/** p50 and p95, in ms. */
export interface Waited {
  p50: number | undefined;
  p95: number | undefined;
}

/** What the service does behind a gateway that is so far away; one thing at a time. */
export interface RoundTripFigures {
  roundTripMs: number;
  /** From the phone's sending to the acknowledgement that WhatsApp gets. */
  acknowledgement: Waited;
  /** From the phone's sending to the Socket.IO event. */
  event: Waited;
  /** A send by REST, with an API key and an idempotency key, until its answer. */
  send: Waited;
  /** Reading one instance by REST. */
  read: Waited;
  /** Requests for each received message. */
  requestsPerMessage: number;
  /** Of an idle process with a linked number and a subscriber, in a minute. */
  idle: { requests: number; byName: Record<string, number>; bytesIn: number; bytesOut: number };
}

export interface RoundTripReport extends EnvironmentInfo {
  figures: RoundTripFigures[];
}

const ORGANIZATION = 'bench-0';
const OWNER = '5511999887766';
const CLIENT = '5511988887777';
const MESSAGES = 60;
const CALLS = 30;
/** Between two messages: each is alone. */
const PAUSE_MS = 250;
/** What a process does soon after its start, or after a message, is not what it does when it is idle. */
const SETTLE_MS = 60_000;
const IDLE_MS = 60_000;

/**
 * Runs the built service over a stand-in for a hosted Supabase project at several distances.
 * @param roundTripsMs distances, in ms
 */
export async function measureRoundTrips(
  bench: BenchEnvironment,
  roundTripsMs: readonly number[],
  { databaseUrl }: Pick<BenchOptions, 'databaseUrl'>,
): Promise<RoundTripReport> {
  await bench.open({ needsPostgres: true, databaseUrl });
  const serverUrl = await bench.createDatabase();
  const figures: RoundTripFigures[] = [];
  for (const roundTripMs of roundTripsMs) {
    bench.say(`a round trip of ${roundTripMs} ms`);
    figures.push(await measureAt(roundTripMs, serverUrl, bench));
  }
  return { ...environmentInfo(await bench.describeDatabase()), figures };
}

async function measureAt(
  roundTripMs: number,
  serverUrl: string,
  bench: BenchEnvironment,
): Promise<RoundTripFigures> {
  const undos: (() => Promise<unknown>)[] = [];
  const cleanUp = async () => {
    for (let undo = undos.pop(); undo; undo = undos.pop()) {
      await undo();
    }
  };
  bench.onCleanUp(cleanUp);
  try {
    const made = await startMigratedProject(serverUrl, { roundTripMs });
    undos.push(() => made.close());
    const simulator = await WhatsAppSimulator.start({});
    undos.push(() => simulator.stop());
    const home = await makeServiceHome();
    undos.push(() => home.remove());
    const adminKey = randomBytes(32).toString('hex');
    const service = await BuiltService.start(home, {
      ...made.project.environment,
      AUTH_MODE: 'required',
      ADMIN_API_KEY: adminKey,
      WHATSAPP_WS_URL: simulator.url,
      WHATSAPP_ROOT_KEY: simulator.rootPublicKey,
    });
    undos.push(() => service.stop());
    return { roundTripMs, ...(await measure(service, simulator, made, adminKey)) };
  } finally {
    await cleanUp();
  }
}

async function measure(
  service: BuiltService,
  simulator: WhatsAppSimulator,
  made: MigratedProject,
  adminKey: string,
): Promise<Omit<RoundTripFigures, 'roundTripMs'>> {
  const { counters } = made.project;
  const admin = new ApiClient(service.url, { authorization: `Bearer ${adminKey}` });
  const instanceId = await admin.createInstance(ORGANIZATION, OWNER);
  const { body } = await admin.call<{ key: string }>('POST', `/api/organizations/${ORGANIZATION}/api-keys`, {
    name: 'bench',
    scopes: ['read', 'send', 'manage'],
  });
  const api = new ApiClient(service.url, { authorization: `Bearer ${body.key}` });
  const socket = await SocketClient.connect(service.url, { auth: { token: body.key } });
  await socket.call('join-organization', ORGANIZATION);
  const owner = simulator.addPhone({ number: OWNER, name: 'Owner' });
  await owner.types(await api.pairingCode(instanceId));
  await socket.waitFor('whatsapp:connected', 1);
  const client = simulator.addPhone({ number: CLIENT, name: 'Ana' });

  const acknowledged: number[] = [];
  const told: number[] = [];
  let requests = 0;
  // The first ones settle the Signal session.
  for (let turn = -5; turn < MESSAGES; turn++) {
    const id = `3EB0${randomBytes(8).toString('hex').toUpperCase()}`;
    const before = counters.total;
    const startedAt = performance.now();
    const isAcknowledged = simulator
      .next('message.acknowledged', (message) => message.id === id, 30_000)
      .then(() => performance.now() - startedAt);
    const isTold = socket.waitFor('whatsapp:message', turn + 6).then(() => performance.now() - startedAt);
    await client.writes(owner, `Do you have time on day ${turn}?`, { id });
    const [acknowledgedMs, toldMs] = await Promise.all([isAcknowledged, isTold]);
    if (turn >= 0) {
      acknowledged.push(acknowledgedMs);
      told.push(toldMs);
      requests += counters.total - before;
    }
    await delay(PAUSE_MS);
  }
  const timed = async (call: () => Promise<{ status: number }>) => {
    const all: number[] = [];
    for (let turn = -3; turn < CALLS; turn++) {
      const startedAt = performance.now();
      const { status } = await call();
      if (status !== 200) {
        throw new Error(`a call was answered with ${status}`);
      }
      all.push(performance.now() - startedAt);
      await delay(PAUSE_MS);
    }
    return waited(all.slice(3));
  };
  const path = `/api/whatsapp/instances/${instanceId}`;
  const send = await timed(() =>
    api.call('POST', `${path}/send`, { to: CLIENT, message: 'Yes' }, { 'idempotency-key': randomUUID() }),
  );
  const read = await timed(() => api.call('GET', path));
  await delay(SETTLE_MS);
  counters.reset();
  await delay(IDLE_MS);
  const idle = {
    requests: counters.total,
    byName: Object.fromEntries(counters.requests),
    bytesIn: counters.bytesIn,
    bytesOut: counters.bytesOut,
  };
  socket.close();
  return {
    acknowledgement: waited(acknowledged),
    event: waited(told),
    send,
    read,
    requestsPerMessage: requests / MESSAGES,
    idle,
  };
}

function waited(values: readonly number[]): Waited {
  return { p50: quantile(values, 0.5), p95: quantile(values, 0.95) };
}
