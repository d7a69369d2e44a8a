import type { Findings } from '../chaos/findings.js';
import type { Gap } from './gaps.js';

/** What came of a scenario. */
export interface TrialResult {
  scenario: string;
  seconds: number;
  seed: string;
  database: string;
  nodes: number;
  workers: number;
  sessions: number;
  /** Seconds. */
  lease: number;
  written: number;
  replies: number;
  replyAnswers: Record<string, number>;
  calls: Record<string, number>;
  faults: Record<string, number>;
  /** In ms, by what they are of. */
  times: Record<string, number[]>;
  gaps: Gap[];
  /** The longest gap of each session that had one, in ms. */
  longestGaps: number[];
  /** Acknowledgements whose time was compared with that of the commit. */
  comparedTimes: number;
  /** Processes that wrote to sessions. */
  writers: string[];
  /** Events that subscribers heard; undefined where there were none. */
  heard: number | undefined;
  findings: Findings;
}
