import { request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { videoFile } from '../src/simulator/media-host/samples.js';
import { GeneratedFile } from '../src/simulator/media-host/plain-file.js';
import type { Phone } from '../src/simulator/phones/phone.js';
import type { BenchEnvironment } from './bench-environment.js';
import { type EnvironmentInfo, environmentInfo } from './environment-info.js';
import { withEventLoopDelay } from './event-loop-delay.js';
import { LatencyProbe, type ProbeFigures } from './latency-probe.js';
import type { BenchOptions } from './options.js';
import { ask, quote } from './sql.js';
import type { Subject } from './subject.js';
import type { SessionPhones } from './traffic.js';

/** How much of a process was resident, in bytes. */
export interface Growth {
  /** After garbage collections. */
  before: number;
  /** The most that was seen. */
  peak: number;
  /** How late timers of the process were meanwhile, in ms. */
  lateP99: number;
  lateMax: number;
}

/** What large files cost those who write texts, and the process; times in ms. */
export interface MediaReport extends EnvironmentInfo {
  idle: ProbeFigures;
  during: ProbeFigures;
  received: Growth & { files: number; bytes: number; ready: number; ms: number };
  sent: Growth & { bytes: number; ms: number; arrived: number };
  /** How late timers of the process with phones and network were: part of every latency. */
  generator: { idleP95: number; duringP95: number };
}

const MEGABYTE = 1024 ** 2;
const CHATS = 10;
const VIDEO_BYTES = Math.ceil((1024 * MEGABYTE) / CHATS);
const DOCUMENT_BYTES = 100 * MEGABYTE;
const WARM_UP_BYTES = MEGABYTE;
const INTERVAL_MS = 200;
const IDLE_MS = 10_000;
const LAST_PROBES_MS = 60_000;
const LIMIT_MS = 15 * 60_000;

/** A gigabyte of video comes in ten chats while their people write texts, then a document of a hundred MB is sent. */
export async function measureMedia(
  bench: BenchEnvironment,
  { databaseUrl }: Pick<BenchOptions, 'databaseUrl'>,
): Promise<MediaReport> {
  await bench.open({ needsPostgres: true, databaseUrl });
  const fixture = await bench.openFixture(['service'], 1);
  const subject = fixture.subjects[0]!;
  await fixture.link(0, 1);
  const [session] = fixture.sessionPhones(subject) as [SessionPhones];
  const probe = new LatencyProbe(session, INTERVAL_MS);
  await fixture.settle(probe.onEvents);
  const videos = new Videos(subject, session, async (file) => fixture.sim.media.store('video', file));

  bench.say('one small file each way, so that what is loaded once is there');
  await videos.send([WARM_UP_BYTES]);
  await videos.received(1);
  await sendDocument(subject, session.customers[0]!, WARM_UP_BYTES);
  bench.say('texts alone');
  const idleUntil = performance.now() + IDLE_MS;
  const idle = await withEventLoopDelay(() => probe.run(() => performance.now() > idleUntil, LAST_PROBES_MS));

  const sizes = Array.from({ length: CHATS }, () => VIDEO_BYTES);
  const bytes = CHATS * VIDEO_BYTES;
  bench.say(`${bytes / MEGABYTE} MB of video in ${CHATS} chats`);
  await videos.prepare(sizes);
  const growth = await Growing.start(subject);
  const startedAt = performance.now();
  let isOver = false;
  const coming = videos
    .send(sizes)
    .then(() => videos.received(CHATS + 1))
    .finally(() => (isOver = true));
  const during = await withEventLoopDelay(() => probe.run(() => isOver, LAST_PROBES_MS));
  const ready = (await coming) - 1;
  const received = { ...(await growth.end()), files: CHATS, bytes, ready, ms: performance.now() - startedAt };

  bench.say(`a document of ${DOCUMENT_BYTES / MEGABYTE} MB is sent`);
  const sending = await Growing.start(subject);
  const sentAt = performance.now();
  const arrived = await sendDocument(subject, session.customers[0]!, DOCUMENT_BYTES);
  const ms = performance.now() - sentAt;
  const sent = { ...(await sending.end()), bytes: DOCUMENT_BYTES, ms, arrived };
  const database = await bench.describeDatabase();
  await bench.closeFixture(fixture);
  return {
    ...environmentInfo(database),
    idle: idle.figures,
    during: during.figures,
    received,
    sent,
    generator: { idleP95: idle.lateP95, duringP95: during.lateP95 },
  };
}

/** Watches how much of a process is resident. */
class Growing {
  private readonly subject: Subject;
  private readonly before: number;

  private constructor(subject: Subject, before: number) {
    this.subject = subject;
    this.before = before;
  }

  static async start(subject: Subject): Promise<Growing> {
    const { rss } = await subject.memory();
    await subject.startWatching();
    return new Growing(subject, rss);
  }

  async end(): Promise<Growth> {
    const { rss, ...late } = await this.subject.stopWatching();
    return { before: this.before, peak: rss, ...late };
  }
}

type Stored = Awaited<ReturnType<BenchEnvironment['openFixture']>>['sim']['media'];
type Descriptor = Awaited<ReturnType<Stored['store']>>;

/** Videos of customers, each another one. */
class Videos {
  private stored: Descriptor[] = [];
  private seed = 1;

  private readonly subject: Subject;
  private readonly session: SessionPhones;
  private readonly store: (file: GeneratedFile) => Promise<Descriptor>;

  constructor(subject: Subject, session: SessionPhones, store: (file: GeneratedFile) => Promise<Descriptor>) {
    this.subject = subject;
    this.session = session;
    this.store = store;
  }

  /** Has them at the media host, so that encrypting them for the first time takes no time of the run. */
  async prepare(sizes: readonly number[]): Promise<void> {
    for (const size of sizes) {
      this.stored.push(await this.store(videoFile(size, this.seed++)));
    }
  }

  async send(sizes: readonly number[]): Promise<void> {
    if (this.stored.length === 0) {
      await this.prepare(sizes);
    }
    const { owner, customers } = this.session;
    const videos = this.stored.splice(0).map((claims, place) =>
      customers[place % customers.length]!.writes(owner, {
        video: { file: Buffer.from('elsewhere'), claims: { ...claims } },
      }),
    );
    await Promise.all(videos);
  }

  /** Waits until so many are there, or will not be. @returns how many are there */
  async received(count: number): Promise<number> {
    const giveUpAt = performance.now() + LIMIT_MS;
    for (;;) {
      const [row] = await ask<{ ready: number; open: number }>(
        { databaseUrl: this.subject.databaseUrl! },
        `select count(*) filter (where state = 'ready')::int as ready,
           count(*) filter (where state = 'pending')::int as open from message_media where kind = ${quote('video')}`,
      );
      const { ready = 0, open = 0 } = row ?? {};
      if ((open === 0 && ready >= count) || performance.now() > giveUpAt) {
        return ready;
      }
      await delay(500);
    }
  }
}

/** Sends a document by a form that is streamed. @returns how many bytes of it the phone could open */
async function sendDocument(subject: Subject, to: Phone, size: number): Promise<number> {
  const file = new GeneratedFile(size, size);
  const boundary = 'a-boundary-of-the-bench';
  const field = (name: string, value: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const fields = field('to', to.number) + field('type', 'document') + field('caption', String(size));
  const head = Buffer.from(
    `${fields}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const answered = Promise.withResolvers<number>();
  const call = request(
    subject.sendUrl(0),
    {
      method: 'POST',
      headers: {
        'content-type': `multipart/form-data; boundary=${boundary}`,
        'content-length': head.length + size + tail.length,
      },
    },
    (response) => {
      response.resume();
      answered.resolve(response.statusCode ?? 0);
    },
  );
  call.on('error', answered.reject);
  const body = async function* (): AsyncGenerator<Buffer> {
    yield head;
    for (const piece of file.pieces()) {
      yield piece;
    }
    yield tail;
  };
  await pipeline(Readable.from(body()), call);
  const status = await answered.promise;
  if (status !== 200 && status !== 202) {
    throw new Error(`sending a document was answered with ${status}`);
  }
  const message = await to.receives(
    ({ message: content }) =>
      JSON.stringify(content.documentWithCaptionMessage ?? content).includes(`"${size}"`),
    { timeoutMs: LIMIT_MS },
  );
  let arrived = 0;
  for await (const piece of to.streams(message)) {
    arrived += piece.length;
  }
  return arrived;
}
