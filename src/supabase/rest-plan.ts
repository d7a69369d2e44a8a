import { RestError } from './rest-error.js';
import { refuse, type RestRequest } from './rest-request.js';
import { quoteName, SqlBuilder } from './rest-sql.js';
import type { TableSchema } from './schema-cache.js';

/** A statement whose only row has `body` (JSON text), `page` (rows in it) and, where asked for, `total`. */
export interface RestPlan {
  text: string;
  params: (string | null)[];
  isWrite: boolean;
}

/** @throws RestError for unknown columns and whatever is not part of the subset */
export function planTable(request: RestRequest, table: TableSchema): RestPlan {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return planRead(request, table);
    case 'POST':
      return planInsert(request, table);
    case 'PATCH':
      return planUpdate(request, table);
    case 'DELETE':
      return planDelete(request, table);
  }
}

function planRead(request: RestRequest, table: TableSchema): RestPlan {
  const sql = new SqlBuilder(table);
  const where = sql.where(request.filters);
  const limit = request.limit === undefined ? '' : ` limit ${sql.bind(String(request.limit), 'bigint')}`;
  const offset = request.offset === 0 ? '' : ` offset ${sql.bind(String(request.offset), 'bigint')}`;
  const source =
    `select ${sql.selected(request.select)} from ${sql.tableName}${where}` +
    `${sql.orderBy(request.order)}${limit}${offset}`;
  const total = request.countsAll ? `(select count(*) from ${sql.tableName}${where})` : 'null::bigint';
  return { text: summary(source, total), params: sql.params, isWrite: false };
}

function planInsert(request: RestRequest, table: TableSchema): RestPlan {
  refuse(request, { filters: true, order: true, page: true });
  const sql = new SqlBuilder(table);
  const rows = rowsOfBody(request.body);
  const columns = request.columns ?? Object.keys(rows[0] ?? {});
  if (rows.length === 0) {
    return { text: summary('select 1 where false'), params: [], isWrite: true };
  }
  const returning = returned(request, sql);
  if (columns.length === 0) {
    return {
      text: changed(`insert into ${sql.tableName} default values${returning}`),
      params: [],
      isWrite: true,
    };
  }
  const names = columns.map(quoteName).join(', ');
  const source = recordset(sql, rows, columns, table);
  const statement =
    `insert into ${sql.tableName} (${names}) select ${names} from ${source}` +
    `${conflictClause(request, table, columns)}${returning}`;
  return { text: changed(statement), params: sql.params, isWrite: true };
}

function planUpdate(request: RestRequest, table: TableSchema): RestPlan {
  refuse(request, { order: true, page: true });
  requireFilter(request, 'UPDATE');
  const sql = new SqlBuilder(table);
  const [row] = rowsOfBody(request.body);
  const columns = request.columns ?? Object.keys(row ?? {});
  if (row === undefined || columns.length === 0) {
    return { text: summary('select 1 where false'), params: [], isWrite: true };
  }
  const assignments = columns.map((name) => `${quoteName(name)} = pgrst_body.${quoteName(name)}`).join(', ');
  const source = recordset(sql, [row], columns, table);
  const statement =
    `update ${sql.tableName} set ${assignments} from (select * from ${source}) as pgrst_body` +
    `${sql.where(request.filters)}${returned(request, sql)}`;
  return { text: changed(statement), params: sql.params, isWrite: true };
}

function planDelete(request: RestRequest, table: TableSchema): RestPlan {
  refuse(request, { order: true, page: true });
  requireFilter(request, 'DELETE');
  const sql = new SqlBuilder(table);
  const statement = `delete from ${sql.tableName}${sql.where(request.filters)}${returned(request, sql)}`;
  return { text: changed(statement), params: sql.params, isWrite: true };
}

function summary(source: string, total = 'null::bigint'): string {
  return (
    `select coalesce(json_agg(pgrst_rows), '[]')::text as body, count(*) as page, ${total} as total ` +
    `from (${source}) as pgrst_rows`
  );
}

function changed(statement: string): string {
  return (
    `with pgrst_changed as (${statement}) ` +
    `select coalesce(json_agg(pgrst_changed), '[]')::text as body, count(*) as page, count(*) as total ` +
    `from pgrst_changed`
  );
}

function returned(request: RestRequest, sql: SqlBuilder): string {
  return ` returning ${request.returnsRows ? sql.selected(request.select) : '1'}`;
}

function recordset(
  sql: SqlBuilder,
  rows: Record<string, unknown>[],
  columns: string[],
  table: TableSchema,
): string {
  const definitions = columns.map((name) => {
    const type = table.columns.get(name);
    if (type === undefined) {
      const message = `Could not find the '${name}' column of '${table.name}' in the schema cache`;
      throw new RestError(400, 'PGRST204', message);
    }
    return `${quoteName(name)} ${type}`;
  });
  return `json_to_recordset(${sql.bind(JSON.stringify(rows), 'json')}) as pgrst_json (${definitions.join(', ')})`;
}

function conflictClause(request: RestRequest, table: TableSchema, columns: string[]): string {
  if (request.resolution === undefined) {
    return '';
  }
  const target = request.onConflict ?? table.primaryKey;
  for (const name of target) {
    if (!table.columns.has(name)) {
      throw new RestError(400, '42703', `column "${name}" does not exist`);
    }
  }
  const keys = target.map(quoteName).join(', ');
  if (request.resolution === 'ignore') {
    return ` on conflict${keys === '' ? '' : ` (${keys})`} do nothing`;
  }
  const assignments = columns.map((name) => `${quoteName(name)} = excluded.${quoteName(name)}`).join(', ');
  return ` on conflict (${keys}) do update set ${assignments}`;
}

function rowsOfBody(body: unknown): Record<string, unknown>[] {
  const rows: unknown[] = Array.isArray(body) ? body : [body];
  if (!rows.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row))) {
    throw new RestError(400, 'PGRST102', 'Empty or invalid json');
  }
  const objects = rows as Record<string, unknown>[];
  return objects;
}

/** As Supabase projects have it (safeupdate): a forgotten filter must not reach every row. */
function requireFilter(request: RestRequest, verb: string): void {
  if (request.filters.length === 0) {
    throw new RestError(400, '21000', `${verb} requires a WHERE clause`);
  }
}
