import { attemptStart, type StartWaitOptions } from '../common/start-wait.js';
import type { MigrationFile } from './migration-files.js';
import { explainProject, type ProjectAnswer, ProjectAnswerError } from './project-fault.js';
import { compareMigrations, nameVersions, readVersions } from './recorded-migrations.js';
import type { DatabaseClient } from './supabase-client.js';

/** The longest list that one call asks for, and one row more, which tells that there are others. */
const LONGEST_LIST = 501;

export type ProjectCheckOptions = Pick<StartWaitOptions, 'waitMs' | 'onWaiting'>;

/**
 * Asks a Supabase project whether it has the schema of this version and answers as the service needs it. Nothing is changed.
 *
 * @param client a client of the project
 * @param shipped the migrations of this version
 * @param options how long what passes by itself is waited for
 * @throws NewerDatabaseError, UnfitDatabaseError; Error with one sentence that says what to do
 */
export async function checkSupabaseProject(
  client: DatabaseClient,
  shipped: readonly MigrationFile[],
  options: ProjectCheckOptions,
): Promise<void> {
  const ask = <T>(question: () => Promise<T>) =>
    attemptStart(question, { ...options, explain: explainProject });
  const recorded = await ask(() => versionsOf(client));
  const { missing } = compareMigrations(recorded, shipped);
  if (missing.length > 0) {
    throw new Error(
      `The Supabase project lacks ${missing.length} of the migrations of this version (${nameVersions(missing)}). ` +
        'Apply them with `supabase db push`.',
    );
  }
  const longest = await ask(() => longestList(client));
  if (longest < LONGEST_LIST) {
    throw new Error(
      `The Supabase project cuts lists at ${longest} rows, and the service asks for up to ${LONGEST_LIST}: raise ` +
        'Settings → Data API → Max rows to 1000 (self-hosted: PGRST_DB_MAX_ROWS).',
    );
  }
}

/**
 * @returns the migrations that the project has recorded
 * @throws ProjectAnswerError
 */
async function versionsOf(client: DatabaseClient) {
  const answer = await valueOf(client.rpc('schema_versions', { p: {} }));
  const versions = readVersions(answer.data);
  if (versions === undefined) {
    throw new ProjectAnswerError(answer);
  }
  return versions;
}

/**
 * @returns how many of 501 rows the project gives
 * @throws ProjectAnswerError
 */
async function longestList(client: DatabaseClient): Promise<number> {
  const answer = await valueOf(client.rpc('count_rows', { p: { rows: LONGEST_LIST } }));
  if (!Array.isArray(answer.data)) {
    throw new ProjectAnswerError(answer);
  }
  return answer.data.length;
}

/**
 * @param call a call, not yet awaited
 * @returns its answer, which has a value
 * @throws ProjectAnswerError
 */
export async function valueOf(call: PromiseLike<ProjectAnswer>): Promise<ProjectAnswer> {
  const answer = await call;
  if (answer.error !== null || answer.status !== 200 || answer.data === null || answer.data === undefined) {
    throw new ProjectAnswerError(answer);
  }
  return answer;
}
