import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../common/app-error.js';
import type { AppConfig } from '../../config/app-config.js';
import type { NodeSignals } from '../../queue/node-signals.js';
import type { TickQuestions, TicksRepository } from '../../repositories/ticks.repository.js';
import { TickSettings } from '../../ticker/tick-settings.js';
import { Ticker } from '../../ticker/ticker.js';
import type { Logs } from '../../logging/logs.js';
import type { NodeLiveness } from '../ownership/node-liveness.js';
import { NodeHeartbeat } from './node-heartbeat.js';
import type { NodeRequestHandler } from './node-request-handler.js';
import type { SessionClaims } from './session-claims.js';
import type { SessionContext } from '../session/session-context.js';
import type { SessionRegistry } from '../session/session-registry.js';

type Write = (fields: object, text: string) => void;

describe('NodeHeartbeat', () => {
  let asked: string[];
  let isDown: boolean;
  /** So many answers are full of free sessions. */
  let batches: number;
  let polls: number;
  let taken: number;
  let rival: boolean;
  let groups: string[];
  let handles: { instanceId: string; epoch: number; storesGroups: boolean; renewLease(): void }[];
  /** One for each answer. */
  let nextLeaseMs: (number | null)[];
  let heartbeat: NodeHeartbeat;
  const log = { debug: vi.fn<Write>(), warn: vi.fn<Write>(), error: vi.fn<Write>() };

  const answer = async <T>(question: string, value: T): Promise<T> => {
    if (isDown) {
      throw new AppError('database_unavailable');
    }
    asked.push(question);
    return Promise.resolve(value);
  };

  function build(periodMs = 1_000): void {
    vi.useFakeTimers();
    vi.clearAllMocks();
    asked = [];
    isDown = false;
    batches = 0;
    polls = 0;
    taken = 0;
    rival = false;
    groups = [];
    handles = [];
    nextLeaseMs = [];
    const tick = async ({ heartbeat, work }: TickQuestions) => {
      polls += work ? 1 : 0;
      const free = Array.from({ length: work && batches-- > 0 ? 50 : 0 }, () => ({}));
      return {
        ...(heartbeat && { heartbeat: await answer('beat', { lost: [], others: [], rival, groups }) }),
        ...(work && {
          work: await answer(`poll ${work.limit}`, {
            nodes: 2,
            share: 10,
            free,
            requests: [],
            hasLeaver: false,
            leaving: [],
            nextLeaseMs: nextLeaseMs.shift() ?? null,
          }),
        }),
      };
    };
    const config = { leaseSeconds: 15, nodeId: 'a' } as AppConfig;
    const settings = Object.assign(new TickSettings(), { periodMs });
    const logs = { component: () => log } as unknown as Logs;
    const ticker = new Ticker({ tick } as unknown as TicksRepository, settings, config, logs);
    const nothing = () => Promise.resolve();
    heartbeat = new NodeHeartbeat(
      ticker,
      { isAlone: false, predecessors: ['a'], bury: nothing, leave: nothing } as unknown as NodeLiveness,
      { all: () => handles.map((handle) => ({ handle })) } as unknown as SessionRegistry,
      {
        isClaiming: false,
        stop: () => undefined,
        claim: () => Promise.resolve(taken),
        logOut: () => undefined,
      } as unknown as SessionClaims,
      { room: 200, serving: [], serve: () => undefined } as unknown as NodeRequestHandler,
      { log, settings: { claimBatch: 50 } } as unknown as SessionContext,
      config,
      { onTold: () => () => undefined } as unknown as NodeSignals,
    );
  }

  beforeEach(() => build());
  afterEach(async () => {
    await heartbeat.stop();
    vi.useRealTimers();
  });

  it('hears which instances store groups, and which do so no more', async () => {
    const of = (instanceId: string) => ({
      instanceId,
      epoch: 1,
      storesGroups: instanceId === 'was',
      renewLease: () => undefined,
    });
    handles = [of('is'), of('was')];
    groups = ['is'];
    heartbeat.start();
    await vi.advanceTimersByTimeAsync(10_000);

    expect(handles.map(({ storesGroups }) => storesGroups)).toEqual([true, false]);
  });

  it('says that it lives before it looks for work again, and takes nothing until others have said so, too', async () => {
    // It is heard after one poll at the latest, rests for half a lease, and asks with its next poll; each may take 1.2 s.
    const untilItAsks = 1_200 + 7_500 + 1_200;
    heartbeat.start();
    await vi.advanceTimersByTimeAsync(60_000);
    isDown = true;
    await vi.advanceTimersByTimeAsync(30_000);
    asked = [];
    isDown = false;

    await vi.advanceTimersByTimeAsync(7_000);
    const during = asked.splice(0);
    await vi.advanceTimersByTimeAsync(untilItAsks - 7_000);

    expect(during[0]).toBe('beat');
    expect(during).toContain('poll 0');
    expect(during).not.toContain('poll 50');
    expect(asked).toContain('poll 50');
  });

  it.each([
    { taken: 0, asksAgain: false },
    { taken: 1, asksAgain: true },
  ])('asks for more at once when it took $taken of a full batch: $asksAgain', async (claimed) => {
    heartbeat.start();
    await vi.advanceTimersByTimeAsync(10_000);
    taken = claimed.taken;
    polls = 0;
    batches = 5;

    await vi.advanceTimersByTimeAsync(1_300);

    expect(polls >= 5).toBe(claimed.asksAgain);
  });

  it('looks when the lease of another node ends, however long its pauses are', async () => {
    build(5_000);
    // The first answer comes at once; the next tick would be at least 4.5 s later.
    nextLeaseMs = [3_000];
    heartbeat.start();
    await vi.advanceTimersByTimeAsync(2_900);
    expect(polls).toBe(1);

    await vi.advanceTimersByTimeAsync(400);

    expect(polls).toBe(2);
  });

  it('asks less than 13 times a minute where each call costs something', async () => {
    build(5_000);
    heartbeat.start();
    await vi.advanceTimersByTimeAsync(60_000);
    polls = 0;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(polls / 10).toBeLessThan(13);
    expect(asked.filter((question) => question === 'beat').length).toBeGreaterThan(110);
  });

  it('says once that another process has its name', async () => {
    rival = true;
    heartbeat.start();
    await vi.advanceTimersByTimeAsync(30_000);

    expect(log.error).toHaveBeenCalledOnce();
    expect(log.error.mock.lastCall?.[1]).toMatch('NODE_ID');
  });
});
