import { randomBytes } from 'node:crypto';
import { Queue } from 'bullmq';
import pino from 'pino';
import { SecretBox } from '../../src/common/secret-box.js';
import type { Logs } from '../../src/logging/logs.js';
import { BullmqInboxNotifier } from '../../src/queue/bullmq-inbox-notifier.js';
import { INBOX_QUEUE, type InboxQueue, JOB_OPTIONS } from '../../src/queue/inbox-queue.js';
import { RedisLinks } from '../../src/redis/redis-links.js';
import type { Instance } from '../../src/repositories/instance.js';
import { RoutingHarness } from '../e2e/routing-harness.js';
import { BuiltService, makeServiceHome, type ServiceHome } from '../support/built-service.js';
import { BuiltWorker } from '../support/built-worker.js';
import { environmentOf, openTestDatabase, type TestDatabase } from '../support/databases.js';
import { IS_HOSTED } from '../support/store-kind.js';
import { TestRedis } from '../support/redis.js';

const silent = { component: () => pino({ level: 'silent' }), flush: () => {} } as Logs;

/** A process's own view of Redis, as the composition makes it. */
export class RedisSide {
  readonly queue: InboxQueue;
  readonly notifier: BullmqInboxNotifier;

  private constructor(readonly links: RedisLinks) {
    const { queue: connection, prefix } = this.links;
    this.queue = new Queue(INBOX_QUEUE, { connection, prefix, defaultJobOptions: JOB_OPTIONS });
    this.notifier = new BullmqInboxNotifier(this.queue, this.links, silent);
  }

  static async open(redisUrl: string): Promise<RedisSide> {
    return new RedisSide(await RedisLinks.open({ redisUrl }, silent));
  }

  async close(): Promise<void> {
    this.notifier.beforeApplicationShutdown();
    await this.links.onApplicationShutdown();
  }
}

/** Several processes of the built service over one Postgres and one Redis, and messages that arrive there. */
export class Cluster {
  private readonly processes: { stop(signal?: NodeJS.Signals): Promise<number | string> }[] = [];
  private arrivals = 0;

  private constructor(
    readonly database: TestDatabase,
    readonly redis: TestRedis,
    readonly home: ServiceHome,
    readonly redisSide: RedisSide,
    private readonly inbox: RoutingHarness,
    private readonly key: string,
  ) {}

  static async start(): Promise<Cluster> {
    const [database, redis, home] = await Promise.all([
      openTestDatabase(IS_HOSTED ? 'hosted' : 'postgres'),
      TestRedis.start(),
      makeServiceHome(),
    ]);
    const key = randomBytes(32);
    const inbox = await RoutingHarness.over(database.client, 'one-open', new SecretBox([key]));
    const redisSide = await RedisSide.open(redis.url);
    return new Cluster(database, redis, home, redisSide, inbox, key.toString('base64'));
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.stop('SIGKILL')));
    await this.redisSide.close();
    await this.redis.stop();
    await this.database.close();
    await this.home.remove();
  }

  async startWorker(environment: Record<string, string> = {}): Promise<BuiltWorker> {
    const worker = await BuiltWorker.start({ ...this.environment, ...environment });
    this.processes.push(worker);
    return worker;
  }

  /** A node that serves REST and sockets; by default no worker runs in it. */
  async startNode(environment: Record<string, string> = {}): Promise<BuiltService> {
    const node = await BuiltService.start(this.home, {
      ...this.environment,
      RUN_WORKER: 'false',
      ...environment,
    });
    this.processes.push({ stop: (signal) => node.stop(signal) });
    return node;
  }

  async anInstance(organizationId: string): Promise<Instance> {
    return this.inbox.anInstance(
      { phone: `55119${String(++this.arrivals).padStart(8, '0')}` },
      organizationId,
    );
  }

  /** Received messages in the hands of a worker that is dead: claimed for so many seconds, and never closed. */
  async claimFor(instance: Instance, texts: readonly string[], leaseSeconds: number): Promise<void> {
    await this.commit(instance, texts);
    await this.inbox.inbox.claim({ worker: 'dead', limit: 10, leaseSeconds, instanceId: instance.id });
  }

  /** What the node that holds the session does with received messages: commits them, then notifies. */
  async receive(instance: Instance, texts: readonly string[]): Promise<void> {
    await this.commit(instance, texts);
    this.redisSide.notifier.notify(instance.id);
  }

  private async commit(instance: Instance, texts: readonly string[]): Promise<void> {
    const arrivals = texts.map((text) => ({
      id: text,
      attrs: { from: '222@lid', t: '1760000000' },
      message: { conversation: text },
    }));
    await this.inbox.receive(instance, {}, arrivals);
  }

  /** Something that nobody can read arrives. */
  async receiveGarbage(instance: Instance): Promise<void> {
    const rawBody = Buffer.from('garbage');
    await this.inbox.receive(instance, {}, [{ id: 'G1', attrs: { from: '222@lid' }, rawBody }]);
    this.redisSide.notifier.notify(instance.id);
  }

  /** How many rows of the inbox are in no final state. */
  async pending(): Promise<number> {
    return (await this.inbox.inbox.stats('all')).pending;
  }

  get environment(): Record<string, string> {
    return {
      ...environmentOf(this.database),
      REDIS_URL: this.redis.url,
      SESSION_ENCRYPTION_KEY: this.key,
      DATA_DIR: this.home.dataDir,
      LOG_FILE: this.home.logFile,
      LOG_LEVEL: 'debug',
    };
  }
}

/** @returns `count` texts that differ, with a running number at the end */
export function texts(prefix: string, count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${first + index}`);
}
