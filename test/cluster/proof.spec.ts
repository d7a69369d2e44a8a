import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const ENTRY = join(import.meta.dirname, '../run.ts');
const LIMIT_MS = 120_000;
/** Two organizations with two numbers each, and leases as short as they may be. */
const SIZE = ['--organizations', '2', '--instances', '2', '--rate', '40', '--rounds', '1', '--lease', '5'];

/** What `--json` prints of a scenario, as far as it is looked at here. */
interface Outcome {
  scenario: string;
  written: number;
  comparedTimes: number;
  sessions: number;
  calls: Record<string, number>;
  faults: Record<string, number>;
  times: Record<string, number[]>;
  gaps: { during: string; ms: number }[];
  writers: string[];
  figures: Record<string, number>;
}

let running: ChildProcess | undefined;

/** Runs the harness as its command does; its channel closes when this process ends, and it ends with that. */
async function cluster(...args: string[]): Promise<{ code: number | null; said: string; outcome: Outcome }> {
  const { TEST_DATABASE_URL: _, ...env } = process.env;
  const child = fork(ENTRY, ['cluster', '--json', ...SIZE, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running = child;
  let printed = '';
  let said = '';
  child.stdout!.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  expect(printed, said).toMatch(/^\[/);
  return { code, said, outcome: (JSON.parse(printed) as [Outcome])[0] };
}

/** Everything that must be zero is, and there was something to go wrong. */
function expectClean({ code, said, outcome }: Awaited<ReturnType<typeof cluster>>): void {
  expect(
    Object.entries(outcome.figures).filter(([, count]) => count > 0),
    said,
  ).toEqual([]);
  expect(code, said).toBe(0);
  expect(Object.keys(outcome.figures)).toEqual(
    expect.arrayContaining([
      'lost',
      'doubled',
      'out of order',
      'acknowledged early',
      'written without the lease',
    ]),
  );
  expect(outcome.written).toBeGreaterThan(100);
  expect(outcome.comparedTimes).toBe(outcome.written);
  expect(outcome.writers).toEqual(['node-1', 'node-2']);
  expect(outcome.calls['status: 200']).toBeGreaterThan(0);
}

afterEach(async () => {
  if (running && running.exitCode === null && running.signalCode === null) {
    const ended = once(running, 'exit');
    running.disconnect();
    await ended;
  }
});

describe('two processes of the service under load', () => {
  it(
    'lose nothing when one is killed: the other takes its sessions over',
    async () => {
      const run = await cluster('--workers', '0', '--scenarios', 'failover');

      expectClean(run);
      const { faults, times, gaps } = run.outcome;
      expect(faults).toEqual({ 'SIGKILL of an API process': 1 });
      expect(times['until others own all its sessions']).toEqual([expect.any(Number)]);
      expect(gaps.filter(({ during }) => during === 'SIGKILL of an API process')).toHaveLength(2);
    },
    LIMIT_MS,
  );

  it(
    'lose nothing when one is frozen, and it says and writes nothing more for what it lost when it goes on',
    async () => {
      const run = await cluster('--workers', '0', '--scenarios', 'freeze');

      expectClean(run);
      const { faults, times, figures } = run.outcome;
      expect(faults).toEqual({ 'SIGSTOP of an API process': 1 });
      expect(figures).toMatchObject({ 'said on lines of a frozen process': 0, 'not reached': 0 });
      expect(times['until it has its share again']).toHaveLength(1);
    },
    LIMIT_MS,
  );

  it(
    'lose nothing when they are restarted one after the other',
    async () => {
      const run = await cluster('--workers', '0', '--scenarios', 'restart');

      expectClean(run);
      const { faults, gaps, sessions } = run.outcome;
      expect(faults).toEqual({ 'SIGTERM and start': 2 });
      expect(gaps.length).toBeGreaterThanOrEqual(sessions);
    },
    LIMIT_MS,
  );
});
