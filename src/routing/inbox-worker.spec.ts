import { Writable } from 'node:stream';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, type Mock, vi } from 'vitest';
import { AppError } from '../common/app-error.js';
import type { InboxRow, InboxRows } from '../common/inbox.js';
import type { AppConfig, QueueDriver } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { EmbeddedInboxNotifier } from '../queue/embedded-inbox-notifier.js';
import { InboxHandoff } from '../queue/inbox-handoff.js';
import { WorkerStatus } from '../queue/worker-status.js';
import type { TicksRepository } from '../repositories/ticks.repository.js';
import { TickSettings } from '../ticker/tick-settings.js';
import { Ticker } from '../ticker/ticker.js';
import type { CommitIngestion } from './commit-ingestion.js';
import type { ClaimOutcome, InboxBatch } from './inbox-batch.js';
import { InboxWorker } from './inbox-worker.js';

const NOTHING: ClaimOutcome = { isWorkLeft: false, instanceIds: new Set() };
const MORE: ClaimOutcome = { isWorkLeft: true };

type Claim = InboxBatch['claim'];
type Take = InboxBatch['take'];

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
  const notifier = new EmbeddedInboxNotifier(logs);
  const status = new WorkerStatus();
  const claim = vi.fn<Claim>().mockResolvedValue(NOTHING);
  const take = vi.fn<Take>().mockResolvedValue(true);
  const handoff = new InboxHandoff();
  const config = { queueDriver, nodeId: 'node', leaseSeconds: 15 } as AppConfig;
  const inbox = { isWaiting: false };
  const ticks = { tick: () => Promise.resolve({ inbox: { ...inbox } }) } as unknown as TicksRepository;
  const ticker = new Ticker(ticks, new TickSettings(), config, logs);
  const batch = { claim, take } as unknown as InboxBatch;
  const commits = { plan: () => Promise.resolve(undefined) } as unknown as CommitIngestion;
  const worker = new InboxWorker(batch, commits, notifier, handoff, status, ticker, config, logs);
  return {
    worker,
    inbox,
    notifier,
    handoff,
    status,
    claim,
    take,
    logs,
    messages: () => logs.lines.map((line) => line.msg),
  };
}

const away = () => new AppError('database_unavailable');

describe('InboxWorker', () => {
  beforeEach(
    () =>
      void vi.useFakeTimers({
        toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'performance'],
      }),
  );
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('says that it started, and looks at the inbox at once', async () => {
    const { worker, claim, status, logs } = aWorker();

    worker.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(0);

    expect(logs.lines).toMatchObject([
      { level: 30, component: 'messageWorker', msg: 'Message worker started' },
    ]);
    expect(claim).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/^node\//), 200);
    expect(status.read()).toEqual({ running: true, isFailing: false });
    await worker.beforeApplicationShutdown();
  });

  it('does not start where the configuration says none', async () => {
    const { worker, notifier, claim, status, logs } = aWorker('none');

    worker.onApplicationBootstrap();
    notifier.notify('a');
    await vi.advanceTimersByTimeAsync(60_000);

    expect(logs.lines).toMatchObject([
      { level: 40, component: 'messageWorker', msg: 'Workers disabled: Redis not configured' },
    ]);
    expect(claim).not.toHaveBeenCalled();
    expect(status.read()).toMatchObject({
      running: false,
      disabledReason: 'Workers disabled: Redis not configured',
    });
    await worker.beforeApplicationShutdown();
  });

  it('goes on until the inbox is empty', async () => {
    const { worker, claim } = aWorker();
    claim.mockResolvedValueOnce(MORE).mockResolvedValueOnce(MORE);

    worker.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(0);

    expect(claim).toHaveBeenCalledTimes(3);
    await worker.beforeApplicationShutdown();
  });

  it('makes one pass at a time, and one more for all notifications during a pass', async () => {
    const { worker, notifier, claim } = aWorker();
    const first = Promise.withResolvers<ClaimOutcome>();
    claim.mockReturnValueOnce(first.promise);
    worker.onApplicationBootstrap();

    notifier.notify('a');
    await vi.advanceTimersByTimeAsync(1);
    notifier.notify('b');
    await vi.advanceTimersByTimeAsync(1);
    expect(claim).toHaveBeenCalledTimes(1);
    first.resolve(NOTHING);
    await vi.advanceTimersByTimeAsync(1);

    expect(claim).toHaveBeenCalledTimes(2);
    await worker.beforeApplicationShutdown();
  });

  it('finds what no notifier announced when the database tells that something waits, and claims nothing otherwise', async () => {
    const { worker, claim, inbox } = aWorker();
    worker.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(claim).toHaveBeenCalledTimes(1);

    inbox.isWaiting = true;
    await vi.advanceTimersByTimeAsync(7_000);

    expect(claim).toHaveBeenCalledTimes(2);
    await worker.beforeApplicationShutdown();
  });

  it('retries for ever, more slowly and with less, and tells so once', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.75);
    const { worker, notifier, claim, status, messages } = aWorker();
    claim.mockRejectedValue(away());
    worker.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(0);
    notifier.notify('a');
    await vi.advanceTimersByTimeAsync(100);
    expect(claim).toHaveBeenCalledTimes(1);
    expect(status.read()).toEqual({ running: true, isFailing: true });

    await vi.advanceTimersByTimeAsync(600_000);
    expect(claim.mock.calls.length).toBeGreaterThanOrEqual(60);
    expect(claim.mock.calls.length).toBeLessThan(140);
    expect(claim.mock.calls.map(([, limit]) => limit).slice(0, 9)).toEqual([
      200, 100, 50, 25, 12, 6, 3, 1, 1,
    ]);

    claim.mockReset().mockResolvedValueOnce(MORE).mockResolvedValueOnce(MORE).mockResolvedValue(NOTHING);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(claim.mock.calls.map(([, limit]) => limit).slice(0, 3)).toEqual([1, 2, 4]);
    expect(status.read()).toEqual({ running: true, isFailing: false });
    expect(messages()).toEqual([
      'Message worker started',
      'message worker can not proceed',
      'message worker recovered',
    ]);
    await worker.beforeApplicationShutdown();
  });

  it.each([
    ['none', 'Workers disabled: Redis not configured'],
    ['bullmq', 'no message worker in this process: npm run worker starts one of its own'],
  ] as const)('takes no searches where the driver is %s and no worker runs', async (driver, line) => {
    const { worker, claim, messages } = aWorker(driver);
    worker.onApplicationBootstrap();

    await expect(worker.search()).rejects.toThrow('does not run');
    expect(claim).not.toHaveBeenCalled();
    expect(messages()).toEqual([line]);
  });

  it('looks again when the claim of another worker ends', async () => {
    const { worker, claim } = aWorker();
    claim.mockResolvedValueOnce({ isWorkLeft: false, freeInMs: 700 });
    worker.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(700);
    expect(claim).toHaveBeenCalledTimes(1);

    await vi.advanceTimersByTimeAsync(50);

    expect(claim).toHaveBeenCalledTimes(2);
    await worker.beforeApplicationShutdown();
    expect(vi.getTimerCount()).toBe(0);
  });

  describe('asked to search', () => {
    it('answers all calls by one pass that began after them, once nothing more is found', async () => {
      const { worker, claim } = aWorker();
      const passes = [0, 1, 2].map(() => Promise.withResolvers<ClaimOutcome>());
      passes.forEach(({ promise }) => claim.mockReturnValueOnce(promise));
      worker.onApplicationBootstrap();
      await vi.advanceTimersByTimeAsync(0);
      const answered = vi.fn<() => void>();

      const calls = [worker.search(), worker.search()].map((call) => call.then(answered));
      passes[0]!.resolve(NOTHING); // began before the calls
      await vi.advanceTimersByTimeAsync(0);
      expect([claim.mock.calls.length, answered.mock.calls.length]).toEqual([2, 0]);
      passes[1]!.resolve(MORE);
      await vi.advanceTimersByTimeAsync(0);
      expect([claim.mock.calls.length, answered.mock.calls.length]).toEqual([3, 0]);
      passes[2]!.resolve(NOTHING);
      await Promise.all(calls);

      expect(claim).toHaveBeenCalledTimes(3);
      await worker.beforeApplicationShutdown();
    });

    it('says so when the pass fails, and goes on by itself', async () => {
      const { worker, claim } = aWorker();
      worker.onApplicationBootstrap();
      await vi.advanceTimersByTimeAsync(0);
      claim.mockRejectedValueOnce(away());

      await expect(worker.search()).rejects.toThrow('not available');
      await vi.advanceTimersByTimeAsync(1_000);

      expect(claim).toHaveBeenCalledTimes(3);
      await worker.beforeApplicationShutdown();
    });

    it('gives the call back when it stops', async () => {
      const { worker, claim } = aWorker();
      const inHand = Promise.withResolvers<ClaimOutcome>();
      claim.mockReturnValueOnce(inHand.promise);
      worker.onApplicationBootstrap();
      const call = worker.search().catch((error: Error) => error.message);

      const stopping = worker.beforeApplicationShutdown();
      inHand.resolve(MORE);
      await stopping;

      expect(await call).toMatch('does not run');
    });
  });

  describe('with rows that were just committed', () => {
    const received = (...ids: string[]): InboxRows => ({
      rows: ids.map((id) => ({ id, instanceId: 'a', body: Buffer.from(id) }) as InboxRow),
      owners: new Map(),
    });
    const idsOf = (take: Mock<Take>) => take.mock.calls.map(([, { rows }]) => rows.map(({ id }) => id));

    it('takes them without claiming, all that came meanwhile together', async () => {
      const { worker, handoff, claim, take } = aWorker();
      worker.onApplicationBootstrap();
      await vi.advanceTimersByTimeAsync(0);
      const first = Promise.withResolvers<boolean>();
      take.mockReturnValueOnce(first.promise);

      expect(handoff.offer(received('1'))).toEqual(new Set());
      await vi.advanceTimersByTimeAsync(0);
      handoff.offer(received('2'));
      handoff.offer(received('3', '4'));
      await vi.advanceTimersByTimeAsync(0);
      first.resolve(true);
      await vi.advanceTimersByTimeAsync(0);

      expect(idsOf(take)).toEqual([['1'], ['2', '3', '4']]);
      expect(claim).toHaveBeenCalledTimes(1);
      await worker.beforeApplicationShutdown();
    });

    it.each([
      ['that could not all be closed', (take: Mock<Take>) => take.mockResolvedValueOnce(false), 0],
      ['after a fault', (take: Mock<Take>) => take.mockRejectedValueOnce(away()), 1_000],
    ])('looks for rows %s in the table', async (_, prepare, waitMs) => {
      const { worker, handoff, claim, take } = aWorker();
      worker.onApplicationBootstrap();
      await vi.advanceTimersByTimeAsync(0);
      prepare(take);

      handoff.offer(received('1'));
      await vi.advanceTimersByTimeAsync(waitMs);

      expect(claim).toHaveBeenCalledTimes(2);
      await worker.beforeApplicationShutdown();
    });

    it('takes them while a backlog of others is in hand', async () => {
      const { worker, handoff, claim, take } = aWorker();
      claim.mockReturnValueOnce(new Promise(() => {}));
      worker.onApplicationBootstrap();
      await vi.advanceTimersByTimeAsync(0);

      handoff.offer(received('9'));
      await vi.advanceTimersByTimeAsync(0);

      expect(idsOf(take)).toEqual([['9']]);
      void worker.beforeApplicationShutdown();
      await vi.advanceTimersByTimeAsync(15_000);
    });

    it('leaves an instance to the table whose rows could not be closed, until that is empty', async () => {
      const { worker, handoff, claim, take } = aWorker();
      worker.onApplicationBootstrap();
      await vi.advanceTimersByTimeAsync(0);
      const backlog = Promise.withResolvers<ClaimOutcome>();
      claim.mockReturnValueOnce(backlog.promise);
      take.mockResolvedValueOnce(false);

      handoff.offer(received('1'));
      await vi.advanceTimersByTimeAsync(0);
      expect(handoff.offer(received('2'))).toEqual(new Set(['a']));
      backlog.resolve(NOTHING);
      await vi.advanceTimersByTimeAsync(0);

      expect(handoff.offer(received('3'))).toEqual(new Set());
      await worker.beforeApplicationShutdown();
    });

    it('takes rows of an instance again once a look finds none of it, however many of others', async () => {
      const { worker, handoff, claim } = aWorker();
      worker.onApplicationBootstrap();
      await vi.advanceTimersByTimeAsync(0);
      handoff.fallBehind(['a', 'b']);
      claim.mockResolvedValueOnce({ ...MORE, instanceIds: new Set(['b', 'c']) });
      claim.mockReturnValueOnce(new Promise(() => {}));
      worker.search().catch(() => undefined);
      await vi.advanceTimersByTimeAsync(0);

      expect(['a', 'b'].map((id) => handoff.mayIngestEarly(id))).toEqual([true, false]);
      void worker.beforeApplicationShutdown();
      await vi.advanceTimersByTimeAsync(15_000);
    });

    it('does not let a busy instance take the place of others', async () => {
      const { worker, handoff, take } = aWorker();
      worker.onApplicationBootstrap();
      await vi.advanceTimersByTimeAsync(0);

      const many = received(...Array.from({ length: 30 }, (_, id) => String(id)));
      const other = { id: 'other', instanceId: 'b', body: null } as InboxRow;
      handoff.offer({ ...many, rows: [...many.rows, other] });
      await vi.advanceTimersByTimeAsync(0);

      expect(idsOf(take).map((ids) => ids.length)).toEqual([25, 6]);
      expect(idsOf(take)[0]).toContain('other');
      await worker.beforeApplicationShutdown();
    });

    it('refuses them when it stops, or is given more than it holds', async () => {
      const { worker, handoff } = aWorker();
      const refused = new Set(['a']);
      expect(handoff.offer(received('1'))).toEqual(refused);
      worker.onApplicationBootstrap();
      await vi.advanceTimersByTimeAsync(0);

      expect(handoff.offer(received(...Array.from({ length: 97 }, (_, id) => String(id))))).toEqual(refused);
      handoff.caughtUp(['a']);
      expect(handoff.offer(received('1'))).toEqual(new Set());
      await worker.beforeApplicationShutdown();
      expect(handoff.offer(received('1'))).toEqual(refused);
    });
  });

  it('finishes the batch in hand before it stops, and takes no other', async () => {
    const { worker, notifier, claim, status } = aWorker();
    const inHand = Promise.withResolvers<ClaimOutcome>();
    claim.mockReturnValueOnce(inHand.promise);
    worker.onApplicationBootstrap();
    const stopped = vi.fn<() => void>();

    const stopping = worker.beforeApplicationShutdown().then(stopped);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stopped).not.toHaveBeenCalled();
    inHand.resolve(MORE);
    await stopping;
    notifier.notify('a');
    await vi.advanceTimersByTimeAsync(60_000);

    expect(claim).toHaveBeenCalledTimes(1);
    expect(status.read()).toMatchObject({ running: false });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not wait for ever for a batch that does not end', async () => {
    const { worker, claim, messages } = aWorker();
    claim.mockReturnValueOnce(new Promise(() => {}));
    worker.onApplicationBootstrap();

    const stopping = worker.beforeApplicationShutdown();
    await vi.advanceTimersByTimeAsync(15_000);
    await stopping;

    expect(messages()).toContain('message worker did not finish in time');
  });

  it('leaves no timer behind when it stops while it waits to retry', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.75);
    const { worker, claim } = aWorker();
    claim.mockRejectedValue(away());
    worker.onApplicationBootstrap();
    await vi.advanceTimersByTimeAsync(1);

    await worker.beforeApplicationShutdown();
    const left = vi.getTimerCount();
    await vi.advanceTimersByTimeAsync(60_000);

    expect(left).toBe(0);
    expect(claim).toHaveBeenCalledTimes(1);
  });
});
