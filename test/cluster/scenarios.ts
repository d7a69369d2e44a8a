import { failover } from './failover.js';
import { freeze } from './freeze.js';
import { rollingRestart } from './rolling-restart.js';
import type { Scenario } from './scenario.js';
import { workerFaults } from './worker-faults.js';

/** All that can happen, in the order of a full run. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map([
  ['failover', failover],
  ['freeze', freeze],
  ['restart', rollingRestart],
  ['workers', workerFaults],
]);
