import { Writable } from 'node:stream';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UpstreamError } from '../common/app-error.js';
import type { AppConfig, QueueDriver } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { EmbeddedBell } from '../queue/embedded-bell.js';
import { WorkerStatus } from '../queue/worker-status.js';
import type { InboxBatch } from './inbox-batch.js';
import { InboxWorker } from './inbox-worker.js';

type Run = (worker: string, limit: number) => Promise<number>;

interface LogLine {
  level: number;
  component: string;
  msg: string;
}

class CollectedLogs extends Logs {
  readonly lines: LogLine[] = [];
  private readonly root = pino(
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.lines.push(JSON.parse(chunk.toString()) as LogLine);
        done();
      },
    }),
  );
  override component(name: string): pino.Logger {
    return this.root.child({ component: name });
  }
  override flush(): void {}
}

function aWorker(queueDriver: QueueDriver = 'embedded') {
  const logs = new CollectedLogs();
  const bell = new EmbeddedBell(logs);
  const status = new WorkerStatus();
  const run = vi.fn<Run>().mockResolvedValue(0);
  const config = { queueDriver, nodeId: 'node' } as AppConfig;
  const worker = new InboxWorker({ run } as unknown as InboxBatch, bell, status, config, logs);
  return { worker, bell, status, run, logs, messages: () => logs.lines.map((line) => line.msg) };
}

const away = () => new UpstreamError('database_unavailable', 'The database is not available.');

describe('InboxWorker', () => {
  beforeEach(
    () =>
      void vi.useFakeTimers({
        toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate'],
      }),
  );
  afterEach(() => void vi.useRealTimers());

  it('says that it started, and looks at the inbox at once', async () => {
    const { worker, run, status, logs } = aWorker();

    worker.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(0);

    expect(logs.lines).toMatchObject([
      { level: 30, component: 'messageWorker', msg: 'Message worker started' },
    ]);
    expect(run).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/^node\//), 200);
    expect(status.read()).toEqual({ running: true, isFailing: false });
    await worker.beforeApplicationShutdown();
  });

  it('does not start where the configuration says none', async () => {
    const { worker, bell, run, status, logs } = aWorker('none');

    worker.onApplicationBootstrap();
    bell.ring('a');
    await vi.advanceTimersByTimeAsync(60_000);

    expect(logs.lines).toMatchObject([
      { level: 40, component: 'messageWorker', msg: 'Workers disabled: Redis not configured' },
    ]);
    expect(run).not.toHaveBeenCalled();
    expect(status.read()).toMatchObject({
      running: false,
      disabledReason: 'Workers disabled: Redis not configured',
    });
    await worker.beforeApplicationShutdown();
  });

  it('goes on until the inbox is empty', async () => {
    const { worker, run } = aWorker();
    run.mockResolvedValueOnce(200).mockResolvedValueOnce(1);

    worker.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(0);

    expect(run).toHaveBeenCalledTimes(3);
    await worker.beforeApplicationShutdown();
  });

  it('makes one pass at a time, and one more for all rings during a pass', async () => {
    const { worker, bell, run } = aWorker();
    const first = Promise.withResolvers<number>();
    run.mockReturnValueOnce(first.promise);
    worker.onApplicationBootstrap();

    bell.ring('a');
    await vi.advanceTimersByTimeAsync(1);
    bell.ring('b');
    await vi.advanceTimersByTimeAsync(1);
    expect(run).toHaveBeenCalledTimes(1);
    first.resolve(0);
    await vi.advanceTimersByTimeAsync(1);

    expect(run).toHaveBeenCalledTimes(2);
    await worker.beforeApplicationShutdown();
  });

  it('finds by a sweep what no bell announced', async () => {
    const { worker, run } = aWorker();
    worker.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(1);

    await vi.advanceTimersByTimeAsync(5_000);

    expect(run).toHaveBeenCalledTimes(2);
    await worker.beforeApplicationShutdown();
  });

  it('retries for ever, more slowly and with less, and tells so once', async () => {
    const { worker, bell, run, status, messages } = aWorker();
    run.mockRejectedValue(away());
    worker.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(0);
    bell.ring('a');
    await vi.advanceTimersByTimeAsync(100);
    expect(run).toHaveBeenCalledTimes(1);
    expect(status.read()).toEqual({ running: true, isFailing: true });

    await vi.advanceTimersByTimeAsync(600_000);
    expect(run.mock.calls.length).toBeGreaterThanOrEqual(60);
    expect(run.mock.calls.length).toBeLessThan(140);
    expect(run.mock.calls.map(([, limit]) => limit).slice(0, 9)).toEqual([200, 100, 50, 25, 12, 6, 3, 1, 1]);

    run.mockReset().mockResolvedValueOnce(1).mockResolvedValueOnce(2).mockResolvedValue(0);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(run.mock.calls.map(([, limit]) => limit).slice(0, 3)).toEqual([1, 2, 4]);
    expect(status.read()).toEqual({ running: true, isFailing: false });
    expect(messages()).toEqual([
      'Message worker started',
      'message worker can not proceed',
      'message worker recovered',
    ]);
    await worker.beforeApplicationShutdown();
  });

  it('finishes the batch in hand before it stops, and takes no other', async () => {
    const { worker, bell, run, status } = aWorker();
    const inHand = Promise.withResolvers<number>();
    run.mockReturnValueOnce(inHand.promise);
    worker.onApplicationBootstrap();
    const stopped = vi.fn<() => void>();

    const stopping = worker.beforeApplicationShutdown().then(stopped);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stopped).not.toHaveBeenCalled();
    inHand.resolve(200);
    await stopping;
    bell.ring('a');
    await vi.advanceTimersByTimeAsync(60_000);

    expect(run).toHaveBeenCalledTimes(1);
    expect(status.read()).toMatchObject({ running: false });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not wait for ever for a batch that does not end', async () => {
    const { worker, run, messages } = aWorker();
    run.mockReturnValueOnce(new Promise(() => {}));
    worker.onApplicationBootstrap();

    const stopping = worker.beforeApplicationShutdown();
    await vi.advanceTimersByTimeAsync(15_000);
    await stopping;

    expect(messages()).toContain('message worker did not finish in time');
  });

  it('leaves no timer behind when it stops while it waits to retry', async () => {
    const { worker, run } = aWorker();
    run.mockRejectedValue(away());
    worker.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(1);

    await worker.beforeApplicationShutdown();
    await vi.advanceTimersByTimeAsync(60_000);

    expect(run).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
