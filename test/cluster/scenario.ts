import type { ScenarioContext } from './scenario-context.js';

/** Something that can happen to a cluster. */
export interface Scenario {
  summary: string;
  /** Figures of its own that must be zero. */
  figures: readonly string[];
  needsWorkers: boolean;
  /** Causes its faults once, and returns when the cluster is as before. */
  round(context: ScenarioContext): Promise<void>;
}
