import { withHost } from '../config/database-url.js';
import { AuditRepository } from '../repositories/audit.repository.js';
import { DataMove, type MovePlace, MoveRefusedError } from '../supabase/move/data-move.js';
import { type DatabaseStore, type OpenDatabase, openDatabase } from '../supabase/open-database.js';
import {
  type AdminCommand,
  argumentsOf,
  type CommandContext,
  type CommandInput,
  textOf,
  UsageError,
} from './admin-command.js';
import { ProgressLines } from './progress-lines.js';
import { actionOf } from './noted-run.js';
import { operator } from './operator.js';

const ACTION = actionOf('move-data');

/** Moves everything to a Postgres, sessions included. */
export const moveData: AdminCommand = {
  usage: 'move-data --to postgres://… [--from postgres://…]',
  summary:
    'Moves all data, linked sessions included, from the configured database (or --from) into an empty Postgres, compares them, and keeps ' +
    'the service from starting on the old one. Stop the service first. May be interrupted, and goes on when it is run again. ' +
    'A password may come as PGPASSWORD. See docs/operations.md.',
  options: { to: { type: 'string' }, from: { type: 'string' } },
  alone(input, configured) {
    argumentsOf(input, []);
    urlIn(input, 'to');
    const from = textOf(input, 'from') === undefined ? undefined : urlIn(input, 'from');
    if (from === undefined && configured.kind === 'supabase') {
      throw new UsageError('a Supabase project is moved by its connection string: name it with --from');
    }
    return from === undefined ? configured : { kind: 'postgres', connectionString: from };
  },
  async run(input, context) {
    const source = sourceOf(context);
    const to = urlIn(input, 'to');
    await assertStopped(source);
    const target = await openTarget(to);
    try {
      const move = new DataMove(
        source,
        { database: target, name: nameOf({ kind: 'postgres', connectionString: to }) },
        new ProgressLines(context.note),
        context.interruption(),
        () => noteBegin(context, to),
      );
      const { rows, tables, wasDone } = await move.run();
      await move.finish();
      await noteEnd(target);
      await noteEnd({ sql: source.database.sql, client: context.client });
      const what = wasDone
        ? 'The data were moved before.'
        : `${rows} rows of ${tables} tables are at the new home, each as it was.`;
      return {
        note:
          `${what} Set DATABASE_URL to it and keep SESSION_ENCRYPTION_KEY as it is` +
          `${keyFileOf(source)}, then start the service: no number has to be linked again.`,
      };
    } finally {
      await target.close();
    }
  },
};

type Source = MovePlace & { store: DatabaseStore };

function sourceOf({ database }: CommandContext): Source {
  if (!database) {
    throw new Error('the command was given no database of its own');
  }
  return { database: database.open, store: database.store, name: nameOf(database.store) };
}

function urlIn(input: CommandInput, option: 'to' | 'from'): string {
  const text = withHost(textOf(input, option) ?? '');
  const url = URL.parse(text);
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    throw new UsageError(
      `--${option} takes the URL of a Postgres: postgres://user:password@host:5432/database`,
    );
  }
  return text;
}

/** Without credentials: it is stored and shown. */
function nameOf(store: DatabaseStore): string {
  if (store.kind !== 'postgres') {
    return 'the embedded database';
  }
  const url = new URL(store.connectionString);
  return `${url.hostname}:${url.port || '5432'}${url.pathname}`;
}

async function openTarget(to: string): Promise<OpenDatabase> {
  try {
    return await openDatabase({
      store: { kind: 'postgres', connectionString: to },
      poolSize: 2,
      forMove: true,
    });
  } catch (error) {
    // The sentences are about the service's own database.
    throw error instanceof Error
      ? new Error(error.message.replaceAll('DATABASE_URL', '--to'), { cause: error })
      : error;
  }
}

/** Nobody can have the embedded database open beside us; of another one its processes say in the database that they live. */
async function assertStopped({ database, store }: Source): Promise<void> {
  if (store.kind !== 'postgres') {
    return;
  }
  const { rows } = await database.sql('select id from public.nodes where expires_at > now() order by id');
  if (rows.length > 0) {
    const ids = rows.map((row) => String(row['id'])).join(', ');
    throw new MoveRefusedError(
      `Processes of the service use the old database: ${ids}. Stop them all with SIGTERM; one that was killed counts for some seconds more.`,
    );
  }
}

async function noteBegin(context: CommandContext, to: string): Promise<void> {
  const entry = { actor: operator(), action: ACTION, scope: 'all', object: { type: 'service' } } as const;
  const details = { to: nameOf({ kind: 'postgres', connectionString: to }) };
  await new AuditRepository(context.client).insertEntry({ ...entry, details });
}

/** The entry was moved as it was; both copies end now. */
async function noteEnd({ sql, client }: Pick<OpenDatabase, 'sql' | 'client'>): Promise<void> {
  const { rows } = await sql(
    `select id from public.audit_log where action = $1::text and outcome = 'begun'`,
    [ACTION],
  );
  const ends = rows.map((row) => ({ id: Number(row['id']), outcome: 'done' as const }));
  if (ends.length > 0) {
    await new AuditRepository(client).finishEntries(ends);
  }
}

function keyFileOf({ store }: Source): string {
  return store.kind === 'embedded'
    ? ' (without the variable it is in the file session-encryption.key of DATA_DIR)'
    : '';
}
