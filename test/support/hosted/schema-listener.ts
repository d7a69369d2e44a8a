import { setTimeout as after } from 'node:timers/promises';
import pg from 'pg';

const AGAIN_MS = 1_000;

/**
 * Listener.hs: waits on the channel `pgrst` for the order to read the schema again. When its connection is lost it makes
 * another one, after a second at first, and reads the schema then, too.
 */
export class SchemaListener {
  private readonly connectionString: string;
  private readonly read: (client: pg.Client) => Promise<void>;
  private readonly closing = new AbortController();
  private client: pg.Client | undefined;
  private work: Promise<void> = Promise.resolve();

  /** @param read reads the schema through the listener's connection */
  constructor(connectionString: string, read: (client: pg.Client) => Promise<void>) {
    this.connectionString = connectionString;
    this.read = read;
  }

  /** Reads for the first time. Throws where that fails. */
  async start(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.connectionString,
      connectionTimeoutMillis: 10_000,
      application_name: 'postgrest',
    });
    let isOver = false;
    const onOver = () => {
      if (!isOver && this.client === client) {
        isOver = true;
        this.client = undefined;
        this.next(() => this.startAgain());
      }
    };
    client.on('error', onOver);
    client.on('end', onOver);
    client.on('notification', () => this.next(() => this.read(client)));
    await client.connect();
    await client.query('listen pgrst');
    await this.read(client);
    this.client = client;
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.work;
    const { client } = this;
    this.client = undefined;
    await client?.end();
  }

  private next(step: () => Promise<void>): void {
    this.work = this.work.then(step).catch(() => undefined);
  }

  private async startAgain(): Promise<void> {
    while (!this.closing.signal.aborted) {
      try {
        await after(AGAIN_MS, undefined, { signal: this.closing.signal });
        await this.start();
        return;
      } catch {
        // The database is still away, or the stand-in is being closed.
      }
    }
  }
}
