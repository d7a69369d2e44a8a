import { describe, expect, it } from 'vitest';
import { runHarness } from '../support/run-harness.js';

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

describe('two processes of the service under load', () => {
  it(
    'lose nothing when one is killed, when one is frozen and goes on, and when they are restarted one after the other',
    async () => {
      const {
        code,
        said,
        outcome: [outcome],
      } = await runHarness<[Outcome]>(
        'cluster',
        ...SIZE,
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
