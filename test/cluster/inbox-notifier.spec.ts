import { Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type InboxNotification, INBOX_QUEUE } from '../../src/queue/inbox-queue.js';
import { TestRedis } from '../support/redis.js';
import { RedisSide } from './cluster.js';

const A = '11111111-1111-4111-8111-111111111111';
const B = '22222222-2222-4222-8222-222222222222';

let redis: TestRedis;
let side: RedisSide;
const workers: Worker[] = [];

beforeAll(async () => {
  redis = await TestRedis.start();
  side = await RedisSide.open(redis.url);
});
afterAll(async () => {
  await side.close();
  await redis.stop();
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
  await redis.flush();
});

/** A worker that hears the bell and says when it is done with a ring. */
async function aWorker(work: (instanceId: string, run: number) => Promise<void> = () => Promise.resolve()) {
  const heard: string[] = [];
  const options = {
    connection: side.links.queue,
    prefix: side.links.prefix,
    concurrency: 10,
    runRetryDelay: 500,
  };
  const worker = new Worker<InboxNotification>(
    INBOX_QUEUE,
    async ({ data }) => {
      heard.push(data.instanceId);
      await work(data.instanceId, heard.length);
    },
    options,
  );
  worker.on('error', () => undefined);
  workers.push(worker);
  await worker.waitUntilReady();
  return heard;
}

describe('the bell in redis', () => {
  it('makes one job for an instance, however often it rings', async () => {
    for (let ring = 0; ring < 1_000; ring += 1) {
      side.notifier.notify(A);
      side.notifier.notify(B);
      if (ring % 100 === 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await expect.poll(() => side.queue.getJobCounts('waiting')).toEqual({ waiting: 2 });

    const heard = await aWorker();

    await expect.poll(() => heard.toSorted()).toEqual([A, B]);
    await expect.poll(() => side.queue.getJobCounts('waiting', 'active')).toEqual({ waiting: 0, active: 0 });
  });

  it('makes one more job for all rings that come while the first is worked on, and works on none twice', async () => {
    const first = Promise.withResolvers<void>();
    let atOnce = 0;
    let mostAtOnce = 0;
    const heard = await aWorker(async (_, run) => {
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      await (run === 1 ? first.promise : Promise.resolve());
      atOnce -= 1;
    });
    side.notifier.notify(A);
    await expect.poll(() => heard).toEqual([A]);

    for (let ring = 0; ring < 20; ring += 1) {
      side.notifier.notify(A);
      await new Promise((resolve) => setImmediate(resolve));
    }
    side.notifier.notify(B);
    await expect.poll(() => heard).toEqual([A, B]);
    first.resolve();

    await expect.poll(() => heard).toEqual([A, B, A]);
    expect(mostAtOnce).toBe(2); // A and B, never A twice
    await expect.poll(() => side.queue.getJobCounts('waiting', 'active')).toEqual({ waiting: 0, active: 0 });
  });

  it('wakes a worker that waits, within milliseconds', async () => {
    const startedAt: number[] = [];
    const durations: number[] = [];
    await aWorker(async () => {
      durations.push(performance.now() - startedAt.at(-1)!);
    });
    for (let ring = 1; ring <= 20; ring += 1) {
      startedAt.push(performance.now());
      side.notifier.notify(A);
      await expect.poll(() => durations.length, { interval: 1 }).toBe(ring);
      await expect.poll(() => side.queue.getJobCountByTypes('active'), { interval: 1 }).toBe(0);
    }

    const sorted = durations.toSorted((one, other) => one - other);
    expect(sorted[0]).toBeLessThan(50);
    // One that asks now and then takes seconds.
    expect(sorted[10]).toBeLessThan(1_000);
  });

  it('keeps what rings while redis is away, tells it here, and goes on when redis is back and empty', async () => {
    const here: string[] = [];
    const stop = side.notifier.onNotification((instanceId) => here.push(instanceId));
    const heard = await aWorker();
    side.notifier.notify(A);
    await expect.poll(() => heard).toEqual([A]);

    await redis.kill();
    await expect.poll(() => side.links.queue.status).not.toBe('ready');
    for (let ring = 0; ring < 50; ring += 1) {
      side.notifier.notify(B);
    }
    await expect.poll(() => here).toEqual([B]);
    expect(await side.links.ping()).toBe(false);
    await redis.resume();

    await expect.poll(() => heard).toEqual([A, B]);
    side.notifier.notify(A);
    await expect.poll(() => heard).toEqual([A, B, A]);
    stop();
  });

  it('hears new rings after a FLUSHALL in the middle of a job', async () => {
    const first = Promise.withResolvers<void>();
    const heard = await aWorker((_, run) => (run === 1 ? first.promise : Promise.resolve()));
    side.notifier.notify(A);
    await expect.poll(() => heard).toEqual([A]);

    await redis.flush();
    side.notifier.notify(A);

    await expect.poll(() => heard).toEqual([A, A]);
    first.resolve();
    side.notifier.notify(B);
    await expect.poll(() => heard).toEqual([A, A, B]);
  });
});
