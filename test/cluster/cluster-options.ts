import type { LoadOptions } from '../chaos/options.js';

/** What a run does. */
export interface ClusterOptions extends LoadOptions {
  /** By name, in the order of the run. */
  scenarios: string[];
  /** API processes. */
  nodes: number;
  /** Worker processes, over Redis; 0: a worker in each API process, without Redis. */
  workers: number;
  /** Seconds. */
  lease: number;
  /** How often each scenario's faults happen. */
  rounds: number;
  seed: string;
  database: 'postgres' | 'hosted';
  databaseUrl: string | undefined;
  /** To a hosted database, in ms. */
  roundTrip: number;
  /** Of the faults of other runs: a full disk belongs to them. */
  without: string[];
  /** Calls a second other than sends. */
  calls: number;
  /** Seconds without any progress after which the wait for quiet ends. */
  patience: number;
  /** Where details of a failed run are written. */
  report: string;
  json: boolean;
  dist: string;
}
