import { describe, expect, it } from 'vitest';
import { runHarness } from '../support/run-harness.js';

/** Two organizations with two numbers each; a database of the run's own, which can be stopped. */
const SIZE = ['--organizations', '2', '--instances', '2', '--rate', '60', '--faults', '3'];

/** What `--json` prints, as far as it is looked at here. */
interface Outcome {
  written: number;
  replies: number;
  kills: number;
  comparedTimes: number;
  faults: Record<string, number>;
  recoveries: Record<string, number[]>;
  skipped: string[];
  logDrops: Record<string, number>;
  figures: Record<string, number>;
}

const chaos = (...args: string[]) => runHarness<Outcome>('chaos', ...SIZE, ...args);

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

describe('under kills and other faults, with an outage of the database', () => {
  it('the service loses, doubles, reorders and acknowledges nothing early', async () => {
    const { code, said, outcome } = await chaos(
      '--kills',
      '4',
      '--survive',
      '4',
      '--outage',
      '2',
      '--patience',
      '90',
    );

    const wrong = Object.entries(outcome.figures).filter(([, count]) => count > 0);
    expect(wrong, said).toEqual([]);
    expect(code, said).toBe(0);
    expect(Object.keys(outcome.figures)).toEqual(
      expect.arrayContaining(['lost', 'doubled', 'out of order', 'acknowledged early', 'replies doubled']),
    );
    expect(outcome.kills).toBeGreaterThanOrEqual(4);
    expect(outcome.written).toBeGreaterThan(200);
    expect(outcome.comparedTimes).toBe(outcome.written);
    expect(outcome.replies).toBeGreaterThan(10);
    expect(sum(outcome.faults)).toBeGreaterThan(10);
    expect(outcome.recoveries['database outage']).toHaveLength(1);
  });

  it('the same over a hosted project, whose gateway has faults of its own', async () => {
    const hosted = ['--database', 'hosted', '--round-trip', '50'];
    const { code, said, outcome } = await chaos(...hosted, '--kills', '3', '--survive', '4', '--outage', '2');

    const wrong = Object.entries(outcome.figures).filter(([, count]) => count > 0);
    expect(wrong, said).toEqual([]);
    expect(code, said).toBe(0);
    expect(outcome.kills).toBeGreaterThanOrEqual(3);
    expect(outcome.written).toBeGreaterThan(100);
    expect(outcome.replies).toBeGreaterThan(5);
    expect(sum(outcome.faults)).toBeGreaterThan(10);
  });

  it.each(['pglite', 'postgres'])(
    'disks of logs and data (%s) that fill up and empty again, and folders that go, cost nothing',
    async (database) => {
      const only = ['--only', 'disk-full,log-disk-full,log-folder-gone,log-folder-read-only'];
      const times = ['--seed', 'disks', '--kills', '0', '--survive', '15', '--full', '35', '--outage', '0'];
      const { code, said, outcome } = await chaos('--database', database, ...only, ...times);

      const wrong = Object.entries(outcome.figures).filter(([, count]) => count > 0);
      expect(wrong, said).toEqual([]);
      expect(code, said).toBe(0);
      expect(outcome.skipped, 'needs the right to mount a disk').toEqual([]);
      expect(Object.keys(outcome.faults)).toEqual(expect.arrayContaining(['disk full', 'log disk full']));
      expect(sum(outcome.logDrops)).toBeGreaterThan(0);
      expect(outcome.recoveries['full disk']).toHaveLength(1);
      expect(outcome.written).toBeGreaterThan(200);
    },
  );

  it('a plain handler shows losses, so that the comparison is known to see them', async () => {
    // Its sends may hang for a minute, and are not compared. It never gets quiet: what it lost stays open for ever.
    const kills = ['--kills', '3', '--survive', '2', '--outage', '2'];
    const { code, said, outcome } = await chaos('--control', '--replies', '0', '--patience', '4', ...kills);

    expect(code, said).toBe(0);
    expect(outcome.figures['lost'], said).toBeGreaterThan(0);
    expect(outcome.figures['acknowledged early'], said).toBeGreaterThan(0);
  });
});
