import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { cpuBetween, readServerCpu, type ServerCpu } from './postgres-cpu.js';

/** What a server did between two looks. */
export interface PostgresWork {
  ms: number;
  /** Undefined where the server runs elsewhere. */
  cpuMs: number | undefined;
  /** Bytes of write-ahead log of all databases, full pages after a checkpoint included. */
  walBytes: number;
  /** Transactions that were committed, and in which time. */
  commits: number;
  commitsMs: number;
}

/** What Postgres did for one message, on average. */
export interface PostgresFigures {
  /** In ms; undefined where the server runs elsewhere. */
  cpuMs: number | undefined;
  transactions: number;
  walBytes: number;
}

/** @param rate messages per second, evenly */
export function perMessage(work: PostgresWork, rate: number): PostgresFigures {
  const { ms, cpuMs, walBytes, commits, commitsMs } = work;
  const messages = (rate * ms) / 1_000;
  return {
    cpuMs: cpuMs === undefined ? undefined : cpuMs / messages,
    transactions: (commits * 1_000) / (commitsMs * rate),
    walBytes: walBytes / messages,
  };
}

interface Reading {
  cpu: ServerCpu | undefined;
  walBytes: number;
  /** Committed transactions of the database, and when that was counted. */
  commits: { count: number; atMs: number };
  atMs: number;
}

/** Backends tell of their transactions once in a second. */
const COUNT_LIMIT_MS = 1_200;
const POLL_MS = 10;

/** Looks at what a server does for one of its databases, from another database. */
export class PostgresProbe {
  private readonly client: pg.Client;
  private readonly database: string;
  private first: Reading | undefined;

  private constructor(client: pg.Client, database: string) {
    this.client = client;
    this.database = database;
  }

  /**
   * @param serverUrl a database of the server that nobody measures
   * @param databaseUrl the one that is measured
   */
  static async open(serverUrl: string, databaseUrl: string): Promise<PostgresProbe> {
    const client = new pg.Client({ connectionString: serverUrl, query_timeout: 10_000 });
    await client.connect();
    return new PostgresProbe(client, new URL(databaseUrl).pathname.slice(1));
  }

  /** To be called where the measured part begins, while the load is on. */
  async begin(): Promise<void> {
    const commits = await this.countCommits();
    this.first = { commits, ...(await this.look()) };
  }

  /** To be called where the measured part ends, while the load still is on. */
  async end(): Promise<PostgresWork> {
    const { first } = this;
    if (!first) {
      throw new Error('nothing was begun');
    }
    const last = await this.look();
    const commits = await this.countCommits();
    return {
      ms: last.atMs - first.atMs,
      cpuMs: first.cpu && last.cpu && cpuBetween(first.cpu, last.cpu),
      walBytes: last.walBytes - first.walBytes,
      commits: commits.count - first.commits.count,
      commitsMs: commits.atMs - first.commits.atMs,
    };
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  private async look(): Promise<Omit<Reading, 'commits'>> {
    const { rows } = await this.client.query<{ pid: number; is_others: boolean; wal: string }>(
      `select pid, coalesce(datname <> $1, false) as is_others, pg_current_wal_insert_lsn() - '0/0'::pg_lsn as wal
        from pg_stat_activity`,
      [this.database],
    );
    const cpu = readServerCpu(rows.map(({ pid, is_others: isOthers }) => ({ pid, isOthers })));
    return { cpu, walBytes: Number(rows[0]!.wal), atMs: performance.now() };
  }

  /** Counts at a moment when a backend has just told of what it did: both ends of a round are then equally late. */
  private async countCommits(): Promise<Reading['commits']> {
    const startedAt = performance.now();
    const before = await this.readCommits();
    for (;;) {
      const count = await this.readCommits();
      const atMs = performance.now();
      if (count !== before || atMs - startedAt > COUNT_LIMIT_MS) {
        return { count, atMs };
      }
      await delay(POLL_MS);
    }
  }

  private async readCommits(): Promise<number> {
    const { rows } = await this.client.query<{ commits: string }>(
      'select xact_commit as commits from pg_stat_database where datname = $1',
      [this.database],
    );
    return Number(rows[0]?.commits);
  }
}
