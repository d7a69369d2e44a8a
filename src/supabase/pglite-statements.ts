import { type PGlite, protocol, types } from '@electric-sql/pglite';
import { isStale } from './prepared-statements.js';
import type { SqlResult } from './sql-executor.js';

const { serialize } = protocol;

/**
 * Statements that are run again and again: parsed once, and all that a call takes is said to Postgres at once. PGlite's own
 * `query` parses each call anew and says it in five steps, each of which costs a way into the WebAssembly and back.
 */
export class PgliteStatements {
  private readonly parsed = new Set<string>();

  /** @param database that nobody else asks anything meanwhile */
  constructor(private readonly database: PGlite) {}

  /**
   * @param name always the same for a text
   * @param params bound values, all text
   * @throws what Postgres says
   */
  async query(name: string, text: string, params: readonly (string | null)[]): Promise<SqlResult> {
    try {
      return await this.run(name, text, params);
    } catch (error) {
      if (!isStale(error)) {
        throw error;
      }
      // It was refused before it began, so it may be said again, anew.
      this.parsed.delete(name);
      await this.say(serialize.close({ type: 'S', name }));
      return this.run(name, text, params);
    }
  }

  private async run(name: string, text: string, params: readonly (string | null)[]): Promise<SqlResult> {
    if (!this.parsed.has(name)) {
      await this.say(serialize.parse({ name, text }));
      this.parsed.add(name);
    }
    const values = [...params];
    const messages = await this.say(
      serialize.bind({ statement: name, values }),
      serialize.describe({ type: 'P' }),
      serialize.execute({}),
    );
    return toSqlResult(messages);
  }

  private async say(...messages: Uint8Array[]): Promise<Answers> {
    const answer = await this.database.execProtocol(Buffer.concat([...messages, serialize.sync()]));
    return answer.messages;
  }
}

type Answers = Awaited<ReturnType<PGlite['execProtocol']>>['messages'];

function toSqlResult(messages: Answers): SqlResult {
  const result: SqlResult = { fields: [], rows: [], rowCount: 0 };
  let columns: { name: string; dataTypeID: number }[] = [];
  for (const message of messages) {
    if (message.name === 'rowDescription') {
      ({ fields: columns } = message as unknown as { fields: typeof columns });
      result.fields = columns.map(({ name }) => name);
    } else if (message.name === 'dataRow') {
      const { fields } = message as unknown as { fields: (string | null)[] };
      result.rows.push(
        Object.fromEntries(
          columns.map(({ name, dataTypeID }, index) => [name, types.parseType(fields[index]!, dataTypeID)]),
        ),
      );
    }
  }
  result.rowCount = result.rows.length;
  return result;
}
