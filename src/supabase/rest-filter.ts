import { RestError, unsupported } from './rest-error.js';

export type ComparisonOperator = 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte' | 'like' | 'ilike' | 'is' | 'in';

/** A condition on rows, as parsed; columns are not checked yet. */
export type RestFilter =
  | { kind: 'and' | 'or'; isNegated: boolean; children: RestFilter[] }
  | { kind: 'compare'; isNegated: boolean; column: string; operator: ComparisonOperator; values: string[] };

const OPERATORS = new Set<string>(['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike', 'is', 'in']);
const LOGIC_KEY = /^(not\.)?(and|or)$/;

/**
 * @param name name of a query parameter: a column, `and`, `or`, `not.and` or `not.or`
 * @param value its value, e.g. `eq.5`, `not.is.null`, `in.(1,2)`, `(a.eq.1,b.lt.2)`
 * @throws RestError PGRST100
 */
export function parseFilter(name: string, value: string): RestFilter {
  const reader = new FilterReader(value);
  const logic = LOGIC_KEY.exec(name);
  if (logic) {
    const children = reader.readChildren();
    reader.expectEnd();
    return { kind: logic[2] as 'and' | 'or', isNegated: logic[1] !== undefined, children };
  }
  if (name.includes('.') || name.includes('->')) {
    throw unsupported(`filtering by "${name}"`);
  }
  const { isNegated, operator } = reader.readOperator();
  const values = operator === 'in' ? reader.readList() : [reader.readRest()];
  reader.expectEnd();
  return { kind: 'compare', isNegated, column: name, operator, values };
}

/** Reads PostgREST's filter language from left to right. */
class FilterReader {
  private position = 0;

  constructor(private readonly text: string) {}

  readChildren(): RestFilter[] {
    this.expect('(');
    const children: RestFilter[] = [];
    do {
      children.push(this.readChild());
    } while (this.skip(','));
    this.expect(')');
    return children;
  }

  readOperator(): { isNegated: boolean; operator: ComparisonOperator } {
    const isNegated = this.skip('not.');
    const end = this.text.indexOf('.', this.position);
    const operator = end < 0 ? '' : this.text.slice(this.position, end);
    if (!OPERATORS.has(operator)) {
      throw operator === '' ? this.failure() : unsupported(`the operator "${operator}"`);
    }
    this.position = end + 1;
    return { isNegated, operator: operator as ComparisonOperator };
  }

  readList(): string[] {
    this.expect('(');
    if (this.skip(')')) {
      return [];
    }
    const values: string[] = [];
    do {
      values.push(this.readValue());
    } while (this.skip(','));
    this.expect(')');
    return values;
  }

  readRest(): string {
    const rest = this.text.slice(this.position);
    this.position = this.text.length;
    return rest;
  }

  expectEnd(): void {
    if (this.position !== this.text.length) {
      throw this.failure();
    }
  }

  private readChild(): RestFilter {
    const logic = /^(not\.)?(and|or)\(/.exec(this.text.slice(this.position));
    if (logic) {
      this.position += logic[0].length - 1;
      return {
        kind: logic[2] as 'and' | 'or',
        isNegated: logic[1] !== undefined,
        children: this.readChildren(),
      };
    }
    const column = this.text[this.position] === '"' ? this.readQuoted() : this.readUntil('.');
    this.expect('.');
    const { isNegated, operator } = this.readOperator();
    const values = operator === 'in' ? this.readList() : [this.readValue()];
    return { kind: 'compare', isNegated, column, operator, values };
  }

  private readValue(): string {
    return this.text[this.position] === '"' ? this.readQuoted() : this.readUntil(',)');
  }

  private readQuoted(): string {
    this.expect('"');
    let value = '';
    for (;;) {
      const character = this.text[this.position];
      if (character === undefined) {
        throw this.failure();
      }
      this.position += 1;
      if (character === '"') {
        return value;
      }
      if (character === '\\') {
        value += this.text[this.position] ?? '';
        this.position += 1;
      } else {
        value += character;
      }
    }
  }

  private readUntil(ends: string): string {
    const start = this.position;
    while (this.position < this.text.length && !ends.includes(this.text[this.position]!)) {
      this.position += 1;
    }
    return this.text.slice(start, this.position);
  }

  private skip(token: string): boolean {
    const isThere = this.text.startsWith(token, this.position);
    this.position += isThere ? token.length : 0;
    return isThere;
  }

  private expect(token: string): void {
    if (!this.skip(token)) {
      throw this.failure();
    }
  }

  private failure(): RestError {
    return new RestError(
      400,
      'PGRST100',
      `"failed to parse filter (${this.text})" (column ${this.position + 1})`,
    );
  }
}
