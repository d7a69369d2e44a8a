import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const ENTRY = join(import.meta.dirname, '../run.ts');
/** On a machine that has nothing else to do it takes less than a minute. */
const LIMIT_MS = 600_000;
/** Two organizations with two numbers each, and leases as short as they may be. */
const SIZE = ['--organizations', '2', '--instances', '2', '--rate', '25', '--rounds', '1', '--lease', '5'];

const MUST_BE_ZERO = [
  'lost',
  'doubled',
  'out of order',
  'acknowledged early',
  'written without the lease',
  'said on lines of a frozen process',
];

/** What `--json` prints of a scenario, as far as it is looked at here. */
interface Outcome {
  scenario: string;
  written: number;
  comparedTimes: number;
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

afterEach(async () => {
  if (running && running.exitCode === null && running.signalCode === null) {
    const ended = once(running, 'exit');
    running.disconnect();
    await ended;
  }
});

describe('two processes of the service under load', () => {
  it(
    'lose nothing when one is killed, when one is frozen and goes on, and when they are restarted one after the other',
    async () => {
      const { code, said, outcome } = await cluster(
        '--workers',
        '0',
        '--scenarios',
        'failover+freeze+restart',
      );

      const wrong = Object.entries(outcome.figures).filter(([, count]) => count > 0);
      expect(wrong, said).toEqual([]);
      expect(code, said).toBe(0);
      expect(Object.keys(outcome.figures)).toEqual(expect.arrayContaining(MUST_BE_ZERO));
      expect(outcome.faults).toEqual({
        'SIGKILL of an API process': 1,
        'SIGSTOP of an API process': 1,
        'SIGTERM and start': 2,
      });
      expect(outcome.times['until others own all its sessions']).toHaveLength(2);
      expect(outcome.times['until it has its share again']).toHaveLength(1);
      for (const kind of Object.keys(outcome.faults)) {
        expect(outcome.gaps.filter(({ during }) => during === kind).length, kind).toBeGreaterThanOrEqual(2);
      }
      expect(outcome.written).toBeGreaterThan(200);
      expect(outcome.comparedTimes).toBe(outcome.written);
      expect(outcome.writers).toEqual(['node-1', 'node-2']);
      expect(outcome.calls).toMatchObject({
        'connect by QR: 200': expect.any(Number),
        'show the QR: 200': expect.any(Number),
        'status: 200': expect.any(Number),
      });
    },
    LIMIT_MS,
  );
});
