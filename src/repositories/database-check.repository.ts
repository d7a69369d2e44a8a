import { type DatabaseClient } from '../supabase/supabase-client.js';
import { answerOf } from './supabase-error.js';

/** What a database tells of itself. */
export interface DatabaseDescription {
  role: string;
  serverVersion: string;
  /** As Postgres writes them: `8s`, `0` for none. */
  statementTimeout: string;
  lockTimeout: string;
  isReadOnly: boolean;
  /** By its clock. */
  now: Date;
  /** Of the text that was sent. */
  receivedCharacters: number;
  /** How many characters came back as padding. */
  paddingCharacters: number;
}

interface DescriptionRow {
  role: string;
  server_version: string;
  statement_timeout: string;
  lock_timeout: string;
  read_only: boolean;
  now: string;
  received_characters: number;
  padding: string;
}

/** Questions about the database itself, for whoever checks it. */
export class DatabaseCheckRepository {
  constructor(private readonly client: DatabaseClient) {}

  /**
   * @param size.send characters to send along
   * @param size.receive characters to get along, 1 MiB at most
   */
  async describe(size: { send?: number; receive?: number } = {}): Promise<DatabaseDescription> {
    const p = {
      ...(size.send !== undefined && { text: 'x'.repeat(size.send) }),
      ...(size.receive !== undefined && { padding: size.receive }),
    };
    const row = await answerOf<DescriptionRow>(this.client.rpc('describe_database', { p }));
    return {
      role: row.role,
      serverVersion: row.server_version,
      statementTimeout: row.statement_timeout,
      lockTimeout: row.lock_timeout,
      isReadOnly: row.read_only,
      now: new Date(row.now),
      receivedCharacters: row.received_characters,
      paddingCharacters: row.padding.length,
    };
  }

  /** @returns the migrations that are recorded, by version */
  async versions(): Promise<string[]> {
    const rows = await answerOf<[string, string | null][]>(this.client.rpc('schema_versions', { p: {} }));
    return rows.map(([version]) => version);
  }

  /** @returns how many rows come of so many, 2000 at most */
  async countRows(rows: number): Promise<number> {
    return (await answerOf<number[]>(this.client.rpc('count_rows', { p: { rows } }))).length;
  }
}
