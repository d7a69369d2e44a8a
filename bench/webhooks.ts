import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BenchEnvironment } from './bench-environment.js';
import { type EnvironmentInfo, environmentInfo } from './environment-info.js';
import { withEventLoopDelay } from './event-loop-delay.js';
import { LatencyProbe, type ProbeFigures } from './latency-probe.js';
import type { BenchOptions } from './options.js';
import type { Subject } from './subject.js';
import type { ArrivedEvents } from './subscriber-thread.js';
import type { SessionPhones } from './traffic.js';

/** What the webhook of one organization saw while the one of another never answered; times in ms from the phone's send to the call. */
export interface WebhooksReport extends EnvironmentInfo {
  idle: ProbeFigures;
  during: ProbeFigures;
  hanging: {
    /** Messages of the other organization meanwhile. */
    written: number;
    /** Calls that its endpoint left without an answer. */
    calls: number;
  };
  /** How late timers of the process with phones and network were: part of every latency. */
  generator: { idleP95: number; duringP95: number };
}

const INTERVAL_MS = 200;
const PHASE_MS = 20_000;
const HANGING_INTERVAL_MS = 50;
const LAST_PROBES_MS = 60_000;

/** One organization has an endpoint that takes all calls, another one an endpoint that answers none. */
export async function measureWebhooks(
  bench: BenchEnvironment,
  { databaseUrl }: Pick<BenchOptions, 'databaseUrl'>,
): Promise<WebhooksReport> {
  await bench.open({ needsPostgres: true, databaseUrl });
  const fixture = await bench.openFixture(['service'], 2);
  const subject = fixture.subjects[0]!;
  await fixture.link(0, 2);
  const [quiet, hanging] = fixture.sessionPhones(subject) as [SessionPhones, SessionPhones];
  const probe = new LatencyProbe(quiet, INTERVAL_MS);
  const endpoints = await Endpoints.open(probe.onEvents);
  bench.onCleanUp(() => endpoints.close());
  await fixture.settle();
  await createWebhook(subject, 'bench-0', endpoints.url('/takes'));

  const phase = () => {
    const until = performance.now() + PHASE_MS;
    return withEventLoopDelay(() => probe.run(() => performance.now() > until, LAST_PROBES_MS));
  };
  bench.say('one webhook that takes its calls');
  const idle = await phase();
  bench.say('beside one that never answers');
  await createWebhook(subject, 'bench-1', endpoints.url('/hangs'));
  const traffic = writeTo(hanging);
  const during = await phase();
  const written = await traffic.end();
  const database = await bench.describeDatabase();
  const { unanswered } = endpoints;
  await endpoints.close();
  await bench.closeFixture(fixture);
  return {
    ...environmentInfo(database),
    idle: idle.figures,
    during: during.figures,
    hanging: { written, calls: unanswered },
    generator: { idleP95: idle.lateP95, duringP95: during.lateP95 },
  };
}

async function createWebhook(subject: Subject, organizationId: string, url: string): Promise<void> {
  const response = await fetch(`${subject.url}/api/webhooks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ organization_id: organizationId, url, events: ['whatsapp:message'] }),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) {
    throw new Error(`no webhook: ${response.status} ${await response.text()}`);
  }
}

/** Customers write in turns until it is ended, which tells how many messages that were. */
function writeTo({ owner, customers }: SessionPhones): { end: () => Promise<number> } {
  let written = 0;
  let last: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    last = customers[written % customers.length]!.writes(owner, `Is anybody there? ${written}`);
    written += 1;
  }, HANGING_INTERVAL_MS);
  return {
    end: async () => {
      clearInterval(timer);
      await last;
      return written;
    },
  };
}

/** Where the webhooks lead to. */
class Endpoints {
  unanswered = 0;
  private readonly server: Server;
  private readonly onEvents: (events: ArrivedEvents) => void;

  private constructor(onEvents: (events: ArrivedEvents) => void) {
    this.onEvents = onEvents;
    this.server = createServer((request, response) => void this.receive(request, response));
  }

  static async open(onEvents: (events: ArrivedEvents) => void): Promise<Endpoints> {
    const endpoints = new Endpoints(onEvents);
    await new Promise<void>((listening) => endpoints.server.listen(0, '127.0.0.1', listening));
    return endpoints;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/hangs') {
      this.unanswered += 1;
      request.resume();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
    }
    response.writeHead(204).end();
    const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { messageId: string } };
    this.onEvents([[data.messageId, performance.timeOrigin + performance.now()]]);
  }
}
