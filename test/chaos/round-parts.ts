import type { Findings } from './findings.js';
import type { ChaosOptions } from './options.js';
import type { Harness } from './harness.js';

/** What a round needs. */
export interface RoundParts extends Harness {
  options: ChaosOptions;
  progress: (line: string) => void;
  interrupt: AbortSignal;
}

/** What came of it. */
export interface RoundResult {
  subject: string;
  database: string;
  seed: string;
  seconds: number;
  written: number;
  replies: number;
  replyAnswers: Record<string, number>;
  kills: number;
  /** At which moments after a start. */
  killMoments: Record<string, number>;
  failedStarts: number;
  faults: Record<string, number>;
  skipped: string[];
  /** How often its log said that lines are dropped, by the reason. */
  logDrops: Record<string, number>;
  comparedTimes: number;
  recoveries: Record<string, number[]>;
  startMs: number[];
  /** At the end, in MB. */
  databaseMb: number;
  harnessMb: number;
  findings: Findings;
}
