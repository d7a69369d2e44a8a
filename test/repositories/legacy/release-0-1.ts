import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SqlExecutor } from '../../../src/supabase/sql-executor.js';

interface Migration {
  version: string;
  name: string;
  sql: string;
}

const BOOKKEEPING = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations (
    version text not null primary key, statements text[], name text);`;

/** @returns the migrations of release 0.1, in order; in the file each begins with a line that names it */
export async function migrationsOfRelease01(): Promise<Migration[]> {
  const text = await readFile(join(import.meta.dirname, 'release-0.1.sql'), 'utf8');
  return text
    .split(/^-- migration /m)
    .slice(1)
    .map((part) => {
      const [, version, name, sql] = /^(\d{14}) (\w+)\n([^]*)$/.exec(part)!;
      return { version: version!, name: name!, sql: sql! };
    });
}

/**
 * Makes what release 0.1 made, and records it as that did.
 * @param count how many of its migrations; by default all
 */
export async function makeRelease01(executor: SqlExecutor, count?: number): Promise<void> {
  await executor.transaction((runner) => runner.script(BOOKKEEPING));
  for (const { version, name, sql } of (await migrationsOfRelease01()).slice(0, count)) {
    await executor.transaction(async (runner) => {
      await runner.script(sql);
      await runner.query(
        `insert into supabase_migrations.schema_migrations (version, name, statements)
           values ($1::text, $2::text, array[$3::text])`,
        [version, name, sql],
      );
    });
  }
}
