import { randomUUID } from 'node:crypto';
import type { OpenDatabase } from '../open-database.js';
import type { SqlRunner } from '../sql-executor.js';
import { MOVED_TABLES } from './moved-tables.js';
import { copyTable, type TableProgress } from './table-copy.js';
import { shapeOf, type TableShape } from './table-shape.js';
import { sumOf } from './table-sum.js';

/** One of the two databases of a move. */
export interface MovePlace {
  database: Pick<OpenDatabase, 'sql' | 'transaction'>;
  /** What people call it, without credentials. */
  name: string;
}

/** Told how far a move is. */
export interface MoveListener {
  /** A step with so many rows begins. */
  began(title: string, total: number): void;
  advanced(done: number): void;
  ended(): void;
}

/** The move can't be made as things are; the message says what to do. */
export class MoveRefusedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MoveRefusedError';
  }
}

export interface MoveResult {
  rows: number;
  tables: number;
  /** It had been made before. */
  wasDone: boolean;
}

const NOTHING: TableProgress = { key: null, rows: 0, isDone: false };

/** Moves all data into an empty database, and compares them. May end at any point, and goes on when it is made again. */
export class DataMove {
  private readonly shapes: TableShape[] = [];

  /**
   * @param source nobody else writes to it meanwhile
   * @param target migrated
   * @param signal ends it between two parts
   * @param onBegin runs before the first row is moved, and not when a move goes on
   */
  constructor(
    private readonly source: MovePlace,
    private readonly target: MovePlace,
    private readonly listener: MoveListener,
    private readonly signal: AbortSignal,
    private readonly onBegin: () => Promise<void> = () => Promise.resolve(),
  ) {}

  /** @throws MoveRefusedError */
  async run(): Promise<MoveResult> {
    const known = await this.sourceMark();
    const state = await this.targetState(known?.id);
    if (known?.hasEnded && state === 'ended') {
      return { rows: 0, tables: MOVED_TABLES.length, wasDone: true };
    }
    const id = known?.id ?? randomUUID();
    if (known === undefined) {
      await this.onBegin();
      await this.mark(this.source, id, 'away', this.target.name);
    }
    if (state === 'empty') {
      await this.mark(this.target, id, 'here', this.source.name);
    }
    for (const table of MOVED_TABLES) {
      this.shapes.push(await shapeOf({ query: this.source.database.sql }, table));
    }
    await this.copy(id);
    const rows = await this.compare();
    return { rows, tables: this.shapes.length, wasDone: false };
  }

  /** After this a service starts at the new home, and no longer at the old one. */
  async finish(): Promise<void> {
    // In this order: at no time both may be started.
    for (const [place, direction] of [
      [this.source, 'away'],
      [this.target, 'here'],
    ] as const) {
      await place.database.sql(
        'update public.data_moves set ended_at = now() where direction = $1::text and ended_at is null',
        [direction],
      );
    }
  }

  private async sourceMark(): Promise<{ id: string; hasEnded: boolean } | undefined> {
    const { rows } = await this.source.database.sql(
      `select id::text as id, direction, place, ended_at is not null as has_ended from public.data_moves
       where direction = 'away' or ended_at is null`,
    );
    const here = rows.find((row) => row['direction'] === 'here');
    if (here) {
      throw new MoveRefusedError(
        `The data from ${String(here['place'])} are not all in the database that is to be moved: finish that move first.`,
      );
    }
    const away = rows.find((row) => row['direction'] === 'away');
    if (away && away['place'] !== this.target.name) {
      throw new MoveRefusedError(
        away['has_ended'] === true
          ? `The data were moved to ${String(away['place'])} already: move them from there.`
          : `A move to ${String(away['place'])} was begun: finish it, or give it up with npm run sql -- "delete from data_moves".`,
      );
    }
    return away && { id: String(away['id']), hasEnded: away['has_ended'] === true };
  }

  private async targetState(id: string | undefined): Promise<'empty' | 'begun' | 'ended'> {
    const { sql } = this.target.database;
    const { rows } = await sql(
      `select id::text as id, direction, ended_at is not null as has_ended from public.data_moves`,
    );
    if (id !== undefined && rows.some((row) => row['id'] === id && row['direction'] === 'away')) {
      throw new MoveRefusedError('--to is the database that is to be moved: name another one.');
    }
    const ours = rows.find((row) => row['id'] === id);
    if (ours) {
      return ours['has_ended'] === true ? 'ended' : 'begun';
    }
    if (rows.some((row) => row['has_ended'] === false)) {
      throw new MoveRefusedError(
        'Another move into the database at --to was begun, or this one before the service was started on the old database again: ' +
          'make that database empty (drop it and create it), and begin anew.',
      );
    }
    const { rows: alive } = await sql('select id from public.nodes where expires_at > now()');
    if (alive.length > 0) {
      throw new MoveRefusedError('A service runs on the database at --to: stop it, and begin anew.');
    }
    for (const { name } of MOVED_TABLES) {
      const { rows: some } = await sql(`select 1 as one from public.${name} limit 1`);
      if (some.length > 0) {
        throw new MoveRefusedError(
          `The database at --to has data already (in ${name}): name an empty one. Nothing was changed there.`,
        );
      }
    }
    return 'empty';
  }

  private async mark(place: MovePlace, id: string, direction: string, other: string): Promise<void> {
    await place.database.sql(
      `insert into public.data_moves (id, direction, place) values ($1::text::uuid, $2::text, $3::text)`,
      [id, direction, other],
    );
  }

  private async copy(id: string): Promise<void> {
    // The service may have run there before: what comes is to be taken up for searches from the first message on.
    await this.target.database.sql('delete from public.search_progress');
    const { rows } = await this.target.database.sql(
      `select progress::text as progress from public.data_moves where id = $1::text::uuid and direction = 'here'`,
      [id],
    );
    const begun = JSON.parse(String(rows[0]!['progress'])) as Record<string, TableProgress>;
    const noted = new Map(Object.entries(begun));
    const note = async (runner: SqlRunner, table: string, progress: TableProgress) => {
      const before = noted.get(table);
      const { rowCount } = await runner.query(
        `update public.data_moves set progress = jsonb_set(progress, array[$2::text], $3::text::jsonb)
         where id = $1::text::uuid and direction = 'here' and progress -> $2::text is not distinct from $4::text::jsonb
         returning id`,
        [id, table, JSON.stringify(progress), before === undefined ? null : JSON.stringify(before)],
      );
      if (rowCount !== 1) {
        throw new MoveRefusedError('Another move-data runs into the same database: wait for its end.');
      }
    };
    for (const shape of this.shapes) {
      const total = await this.countOf(shape);
      this.listener.began(`copying ${shape.name}`, total);
      await copyTable(
        this.source.database,
        {
          transaction: (work, options) => this.target.database.transaction(work, options),
          note: async (runner, table, progress) => {
            await note(runner, table, progress);
            noted.set(table, progress);
          },
        },
        shape,
        noted.get(shape.name) ?? NOTHING,
        (done) => this.listener.advanced(done),
        this.signal,
      );
      this.listener.ended();
    }
  }

  private async countOf(shape: TableShape): Promise<number> {
    const { rows } = await this.source.database.sql(`select count(*)::int as n from ${shape.quoted}`, [], {
      timeoutMs: 120_000,
    });
    return Number(rows[0]!['n']);
  }

  /** @returns how many rows there are */
  private async compare(): Promise<number> {
    let rows = 0;
    for (const shape of this.shapes) {
      this.listener.began(`comparing ${shape.name}`, await this.countOf(shape));
      const old = await sumOf(this.source.database, shape, 'old', this.signal);
      const now = await sumOf(this.target.database, shape, 'new', this.signal);
      if (old.rows !== now.rows || old.sum !== now.sum) {
        throw new MoveRefusedError(
          `${shape.name} differs: ${old.rows} rows at the old home, ${now.rows} at the new one` +
            `${old.rows === now.rows ? ', with other contents' : ''}. Something wrote to one of them meanwhile: ` +
            'make the new database empty (drop it and create it), and begin anew.',
        );
      }
      rows += old.rows;
      this.listener.advanced(old.rows);
      this.listener.ended();
    }
    return rows;
  }
}
