import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { PostgresProbe } from './postgres-probe.js';

/** The databases of a run, in one server; each subject has its own. */
export class Databases {
  private readonly url: string;
  private readonly made: string[] = [];

  /** @param url a server whose user may create databases */
  constructor(url: string) {
    this.url = url;
  }

  /** @returns version and settings that the figures depend on */
  async describe(): Promise<{
    version: string;
    fsync: string;
    synchronousCommit: string;
    keepsCommitTimes: boolean;
  }> {
    return withClient(this.url, async (client) => {
      const { rows } = await client.query<Record<'version' | 'fsync' | 'synchronous' | 'times', string>>(
        `select current_setting('server_version') as version, current_setting('fsync') as fsync,
          current_setting('synchronous_commit') as synchronous, current_setting('track_commit_timestamp') as times`,
      );
      const { version, fsync, synchronous, times } = rows[0]!;
      return { version, fsync, synchronousCommit: synchronous, keepsCommitTimes: times === 'on' };
    });
  }

  /** @returns the URL of a new, empty database */
  async create(): Promise<string> {
    const name = `auzap_bench_${randomBytes(6).toString('hex')}`;
    await withClient(this.url, (client) => client.query(`create database ${name}`));
    this.made.push(name);
    const url = new URL(this.url);
    url.pathname = name;
    return url.href;
  }

  /** @param databaseUrl one of those that were created */
  probe(databaseUrl: string): Promise<PostgresProbe> {
    return PostgresProbe.open(this.url, databaseUrl);
  }

  /** Drops what was created. */
  async dropAll(): Promise<void> {
    for (const name of this.made.splice(0)) {
      await withClient(this.url, (client) => client.query(`drop database if exists ${name} with (force)`));
    }
  }
}

/**
 * @param url a database of a subject without a worker: nobody has changed the rows since they were committed
 * @returns when each message's inbox row was committed, in ms since 1970; the time is taken just before the commit's flush
 */
export async function commitTimes(url: string, after: number): Promise<Map<string, number>> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ message_id: string; at: string }>(
      `select message_id, extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000 as at
        from inbox where id > $1`,
      [after],
    );
    return new Map(rows.map(({ message_id, at }) => [message_id, Number(at)]));
  });
}

/** @returns id of the newest row of the inbox, 0 when it is empty */
export async function lastInboxId(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ id: string }>('select coalesce(max(id), 0) as id from inbox');
    return Number(rows[0]?.id);
  });
}

/** How many messages a subject stored, to be compared with what was sent. */
export async function inboxCount(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ count: string }>('select count(*) as count from inbox');
    return Number(rows[0]?.count);
  });
}

/** How many of these messages became rows of `messages`, and how many rows they are. */
export async function countMessages(
  url: string,
  ids: readonly string[],
): Promise<{ stored: number; rows: number }> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ stored: string; rows: string }>(
      `select count(distinct whatsapp_message_id) as stored, count(*) as rows
        from messages where direction = 'inbound' and whatsapp_message_id = any($1)`,
      [ids],
    );
    return { stored: Number(rows[0]?.stored), rows: Number(rows[0]?.rows) };
  });
}

/** What the rows of one message take on average, in bytes, without indexes. */
export interface StoredBytes {
  inbox: number;
  messages: number;
  events: number;
}

/** @returns undefined where nothing is stored yet */
export async function storedBytes(url: string): Promise<StoredBytes | undefined> {
  return withClient(url, async (client) => {
    const average = (table: string) =>
      `(select avg(pg_column_size(t.*))::float8 from (select * from ${table} limit ${SAMPLE_ROWS}) t)`;
    const { rows } = await client.query<Record<keyof StoredBytes, number | null>>(
      `select ${average('inbox where state = 1')} as inbox, ${average("messages where direction = 'inbound'")} as messages,
        ${average("events where name = 'whatsapp:message'")} as events`,
    );
    const { inbox, messages, events } = rows[0]!;
    return inbox === null || messages === null || events === null ? undefined : { inbox, messages, events };
  });
}

const SAMPLE_ROWS = 5_000;

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
