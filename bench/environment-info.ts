import { cpus } from 'node:os';
import type { Databases } from './databases.js';
import { type NodeReport, reportNode } from './node-speed.js';

/** What the figures of a run depend on besides the code. */
export interface EnvironmentInfo {
  node: NodeReport;
  machine: { cpus: number; model: string };
  /** Undefined when the run needs none. */
  database: Awaited<ReturnType<Databases['describe']>> | undefined;
}

export function environmentInfo(database: EnvironmentInfo['database']): EnvironmentInfo {
  return { node: reportNode(), machine: { cpus: cpus().length, model: cpus()[0]?.model ?? '' }, database };
}

/** @returns lines for a terminal, warnings included */
export function describeEnvironment({ node, machine, database }: EnvironmentInfo): string[] {
  return [
    `Node ${node.version} (HMAC: raw key ${node.rawHmacUs.toFixed(1)} µs, key object ${node.objectHmacUs.toFixed(1)} µs)`,
    `${machine.cpus} × ${machine.model}`,
    ...(database
      ? [
          `Postgres ${database.version}, fsync ${database.fsync}, synchronous_commit ${database.synchronousCommit}`,
        ]
      : []),
    ...node.warnings.map((warning) => `WARNING: ${warning}`),
    ...(database && database.fsync !== 'on'
      ? ['WARNING: fsync is off: commits are cheaper than they should be']
      : []),
  ];
}
