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

/** Between the names of scenarios that play one after the other in the same run. */
const TOGETHER = '+';

/** @returns the scenarios of a name such as `failover` or `failover+freeze`; undefined for those that do not exist */
export function scenariosOf(name: string): (Scenario | undefined)[] {
  return name.split(TOGETHER).map((each) => SCENARIOS.get(each));
}
