import { RestError } from './rest-error.js';
import type { RestFilter } from './rest-filter.js';
import type { OrderTerm, SelectedColumn } from './rest-request.js';
import type { TableSchema } from './schema-cache.js';

/** A statement and its bound values; values never become part of the text. */
export class SqlBuilder {
  readonly params: (string | null)[] = [];

  constructor(private readonly table: TableSchema) {}

  /** @returns the placeholder of a bound text, cast to a type from the schema */
  bind(value: string | null, type: string): string {
    this.params.push(value);
    const placeholder = `$${this.params.length}::text`;
    return type === 'text' ? placeholder : `cast(${placeholder} as ${type})`;
  }

  /** @returns the quoted name of the table */
  get tableName(): string {
    return `public.${quoteName(this.table.name)}`;
  }

  /** @throws RestError 42703 when the table has no such column */
  column(name: string): string {
    this.typeOf(name);
    return `${this.tableName}.${quoteName(name)}`;
  }

  typeOf(name: string): string {
    const type = this.table.columns.get(name);
    if (type === undefined) {
      throw new RestError(400, '42703', `column ${this.table.name}.${name} does not exist`);
    }
    return type;
  }

  /** @returns the list of a `select` or `returning` */
  selected(select: '*' | SelectedColumn[]): string {
    if (select === '*') {
      return `${this.tableName}.*`;
    }
    return select.map(({ column, alias }) => `${this.column(column)} as ${quoteName(alias)}`).join(', ');
  }

  /** @returns ` where …`, or nothing */
  where(filters: RestFilter[]): string {
    const conditions = filters.map((filter) => this.condition(filter));
    return conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
  }

  /** @returns ` order by …`, or nothing */
  orderBy(terms: OrderTerm[]): string {
    const parts = terms.map(({ column, direction, nulls }) => {
      const name = this.column(column);
      return `${name} ${direction}${nulls === undefined ? '' : ` nulls ${nulls}`}`;
    });
    return parts.length === 0 ? '' : ` order by ${parts.join(', ')}`;
  }

  private condition(filter: RestFilter): string {
    const condition =
      filter.kind === 'compare'
        ? this.comparison(filter)
        : `(${filter.children.map((child) => this.condition(child)).join(` ${filter.kind} `)})`;
    return filter.isNegated ? `not ${condition}` : condition;
  }

  private comparison(filter: Extract<RestFilter, { kind: 'compare' }>): string {
    const column = this.column(filter.column);
    const type = this.typeOf(filter.column);
    const value = filter.values[0] ?? '';
    switch (filter.operator) {
      case 'is':
        return `(${column} is ${isKeyword(value)})`;
      case 'in':
        return filter.values.length === 0
          ? '(false)'
          : `(${column} in (${filter.values.map((one) => this.bind(one, type)).join(', ')}))`;
      case 'like':
      case 'ilike':
        return `(${column} ${filter.operator} ${this.bind(value.replaceAll('*', '%'), 'text')})`;
      default:
        return `(${column} ${COMPARISONS[filter.operator]} ${this.bind(value, type)})`;
    }
  }
}

const COMPARISONS = { eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;
const IS_KEYWORDS: Record<string, string> = {
  null: 'null',
  not_null: 'not null',
  true: 'true',
  false: 'false',
  unknown: 'unknown',
};

function isKeyword(value: string): string {
  const keyword = IS_KEYWORDS[value.toLowerCase()];
  if (keyword === undefined) {
    throw new RestError(400, 'PGRST100', `"failed to parse filter (is.${value})"`);
  }
  return keyword;
}

/** @returns an identifier that is safe in any statement */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
