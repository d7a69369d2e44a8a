import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpus, loadavg } from 'node:os';
import type { Databases } from './databases.js';
import { type NodeReport, reportNode } from './node-speed.js';

const BAILEYS = createRequire(import.meta.url)('@whiskeysockets/baileys/package.json') as { version: string };

/** Which state of the code it was. */
export interface CodeInfo {
  /** As `git describe --always --dirty` says it; undefined outside of a repository. */
  revision: string | undefined;
  /** Of the library that it is compared with, and stands on. */
  baileys: string;
}

/** What the figures of a run depend on besides the code. */
export interface EnvironmentInfo {
  /** ISO 8601, UTC. */
  at: string;
  code: CodeInfo;
  node: NodeReport;
  /** With how many processes ran or wanted to, on average over the last 1, 5 and 15 minutes; at the end of the run, which is among them. */
  machine: { cpus: number; model: string; load: number[] };
  /** Undefined when the run needs none. */
  database: Awaited<ReturnType<Databases['describe']>> | undefined;
}

export function environmentInfo(database: EnvironmentInfo['database']): EnvironmentInfo {
  return {
    at: new Date().toISOString(),
    code: { revision: revision(), baileys: BAILEYS.version },
    node: reportNode(),
    machine: { cpus: cpus().length, model: cpus()[0]?.model ?? '', load: loadavg() },
    database,
  };
}

function revision(): string | undefined {
  try {
    const text = execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=12', '--exclude', '*'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text.trim();
  } catch {
    // No git, or a copy without its history.
    return undefined;
  }
}

/** @returns lines for a terminal, warnings included */
export function describeEnvironment({ code, node, machine, database }: EnvironmentInfo): string[] {
  return [
    `${code.revision ?? 'unknown revision'}, Baileys ${code.baileys}`,
    `Node ${node.version} (HMAC: raw key ${node.rawHmacUs.toFixed(1)} µs, key object ${node.objectHmacUs.toFixed(1)} µs)`,
    `${machine.cpus} × ${machine.model}, load ${machine.load.map((load) => load.toFixed(1)).join(', ')}`,
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
