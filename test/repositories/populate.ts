import { randomBytes, randomUUID } from 'node:crypto';
import type { Column, Queryable, Relation } from './catalog.js';

type Row = Record<string, unknown>;

/** Values that neither the type nor a reference nor a check of the column tells. */
const KNOWN_VALUES: Readonly<Record<string, string>> = {
  'api_keys.scopes': '{read}',
  'api_keys.created_by': '{"kind": "user", "id": "planted", "name": "planted"}',
  'organization_invitations.created_by': '{"kind": "user", "id": "planted", "name": "planted"}',
  'data_keys.key_id': '\\x01020304',
};

/** References that are not declared, because the writer of the row takes care of them. */
const UNDECLARED: Readonly<Record<string, { table: string; column: string }>> = {
  organization_id: { table: 'organizations', column: 'id' },
  instance_id: { table: 'whatsapp_instances', column: 'id' },
};

/**
 * Adds a row to every table, with a value in every column, so that there is something to be seen everywhere.
 * @param relations of the catalog
 * @param organizationId whose rows these are; the organization is made too
 * @throws Error naming the table where a row can't be made up: give `KNOWN_VALUES` what is missing
 */
export async function addRowsOf(
  database: Queryable,
  relations: readonly Relation[],
  organizationId: string,
): Promise<void> {
  const made = new Map<string, Row>();

  const make = async (name: string): Promise<Row> => {
    const relation = relations.find((one) => one.name === name)!;
    const row = made.get(name) ?? (await insert(database, relation, await valuesOf(relation)));
    made.set(name, row);
    return row;
  };

  const valuesOf = async (relation: Relation): Promise<[Column, unknown][]> => {
    const values: [Column, unknown][] = [];
    for (const column of relation.columns) {
      const reference = column.refersTo ?? UNDECLARED[column.name];
      const known = KNOWN_VALUES[`${relation.name}.${column.name}`] ?? column.allowed;
      if (relation.name === 'organizations' && column.name === 'id') {
        values.push([column, organizationId]);
      } else if (reference !== undefined) {
        const isItself = reference.table === relation.name;
        values.push([column, isItself ? null : (await make(reference.table))[reference.column]]);
      } else if (known !== null) {
        values.push([column, known]);
      } else if (!column.isFilled && !isMoment(column)) {
        values.push([column, valueOf(column, organizationId)]);
      }
    }
    return values;
  };

  for (const { name } of relations.filter(({ isTable }) => isTable)) {
    await make(name);
  }
}

/** A time that may be missing says that something ended: deleted, revoked, settled. */
function isMoment({ type, isNullable }: Column): boolean {
  return isNullable && type.startsWith('timestamp');
}

function valueOf({ name, type }: Column, organizationId: string): string {
  switch (type) {
    case 'uuid':
      return randomUUID();
    case 'bytea':
      return `\\x${randomBytes(24).toString('hex')}`;
    case 'jsonb':
      return JSON.stringify({ planted: organizationId });
    case 'boolean':
      return 'true';
    case 'text':
      return `${organizationId}-${name.replaceAll('_', '-')}`;
    case 'text[]':
      return `{${organizationId}}`;
    case 'smallint':
    case 'integer':
      return '200';
    case 'timestamp with time zone':
      return '2030-01-01T00:00:00Z';
    default:
      return String(randomBytes(3).readUIntBE(0, 3));
  }
}

async function insert(database: Queryable, { name }: Relation, values: [Column, unknown][]): Promise<Row> {
  const columns = values.map(([column]) => `"${column.name}"`).join(', ');
  const places = values.map(([column], index) => `$${index + 1}::text::${column.type}`).join(', ');
  const text = `insert into public."${name}" as t (${columns}) values (${places}) returning to_jsonb(t) as row`;
  try {
    const { rows } = await database.query<{ row: Row }>(
      text,
      values.map(([, value]) => value),
    );
    return rows[0]!.row;
  } catch (cause) {
    throw new Error(`no row could be made up for ${name}: ${String(cause)}`, { cause });
  }
}
