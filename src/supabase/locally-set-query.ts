import pg from 'pg';

/** What node-postgres' queries have for classes built upon them, and its types leave out. */
interface QueryParts {
  prepare(connection: WireConnection): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: WireConnection): void;
}

interface WireConnection {
  parse(statement: { name: string; text: string }): void;
  bind(portal: { portal: string; statement: string; values: string[] }): void;
  execute(portal: { portal: string; rows: number }): void;
}

const ParameterizedQuery = pg.Query as unknown as new (
  config: { text: string; values: (string | null)[]; queryMode: 'extended' },
  callback: (error: Error | null, result: pg.QueryResult) => void,
) => pg.Query & QueryParts;

/**
 * A statement together with settings that hold for it alone, in one round trip: what is sent before one `Sync` is one
 * transaction, and local settings end with it. Nothing of it stays on a connection that a pooler gives to others.
 */
class LocallySetQuery extends ParameterizedQuery {
  private isSet = false;

  constructor(
    private readonly settings: string,
    text: string,
    values: (string | null)[],
    callback: (error: Error | null, result: pg.QueryResult) => void,
  ) {
    super({ text, values, queryMode: 'extended' }, callback);
  }

  override prepare(connection: WireConnection): void {
    connection.parse({ name: '', text: this.settings });
    connection.bind({ portal: '', statement: '', values: [] });
    connection.execute({ portal: '', rows: 0 });
    super.prepare(connection);
  }

  override handleDataRow(message: unknown): void {
    if (this.isSet) {
      super.handleDataRow(message);
    }
  }

  override handleCommandComplete(message: unknown, connection: WireConnection): void {
    if (this.isSet) {
      super.handleCommandComplete(message, connection);
    }
    this.isSet = true;
  }
}

/**
 * @param client a connection that nobody else uses
 * @param settings by name; they hold for this statement
 * @param text one statement
 */
export function queryWithSettings(
  client: pg.ClientBase,
  settings: Readonly<Record<string, string>>,
  text: string,
  values: readonly (string | null)[],
): Promise<pg.QueryResult> {
  const list = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', true)`);
  const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult>();
  client.query(
    new LocallySetQuery(`select ${list.join(', ')}`, text, [...values], (error, result) =>
      error ? reject(error) : resolve(result),
    ),
  );
  return promise;
}
