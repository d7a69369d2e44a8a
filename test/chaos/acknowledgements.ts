import type { ChaosDatabase } from './database.js';
import type { PhoneMessage, PhoneMessages } from './phone-messages.js';

/** A received message as it was committed. */
interface JournalRow {
  position: number | string;
  instance_id: string;
  message_id: string;
  sender: string;
  /** Milliseconds since 1970; null where the database does not keep them. */
  committed_at: number | string | null;
}

/** Positions are given before the commit: a late one may be below others that were seen. */
const LOOK_BACK = 2_000;
/** The simulator's times are cut to milliseconds. */
const TOLERANCE_MS = 1;

/**
 * Compares what was acknowledged with what was committed at that moment. A trigger keeps a journal of the table that received
 * messages are stored in: its rows are written once, so that their transaction is the one that stored the message.
 */
export class Acknowledgements {
  /** Confirmed, but not stored; what it was found after. */
  readonly missing = new Map<PhoneMessage, string>();
  /** Confirmed before the row was committed, by so many ms. */
  readonly early = new Map<PhoneMessage, number>();
  /** Confirmations whose time was compared with that of the commit. */
  measured = 0;
  private readonly database: ChaosDatabase;
  private readonly phoneMessages: PhoneMessages;
  private readonly committedAt = new Map<string, number | null>();
  private unchecked: PhoneMessage[] = [];
  private position = 0;
  private hasTimes = false;

  constructor(database: ChaosDatabase, phoneMessages: PhoneMessages) {
    this.database = database;
    this.phoneMessages = phoneMessages;
  }

  /** @param table where received messages are stored, with `instance_id`, `message_id` and `sender` */
  async install(table: string): Promise<void> {
    for (const statement of [
      `create table chaos_journal (position bigint generated always as identity primary key, instance_id text not null,
        message_id text not null, sender text not null)`,
      `create function chaos_note() returns trigger language plpgsql security definer as $$ begin
        insert into public.chaos_journal (instance_id, message_id, sender)
          values (new.instance_id::text, new.message_id, new.sender); return null; end $$`,
      `create trigger chaos_note after insert on ${table} for each row execute function chaos_note()`,
    ]) {
      await this.database.query(statement);
    }
    const [setting] = await this.database.query<{ value: string | null }>(
      `select current_setting('track_commit_timestamp', true) as value`,
    );
    this.hasTimes = setting?.value === 'on';
  }

  /**
   * Looks whether everything that was confirmed up to now is committed.
   * @param when for the report
   */
  async check(when: string): Promise<void> {
    // First what was confirmed, then what is stored: the other way round would accuse the innocent.
    this.unchecked.push(...this.phoneMessages.takeConfirmed());
    const confirmed = this.unchecked.slice();
    await this.readJournal();
    this.unchecked = [];
    for (const phoneMessage of confirmed) {
      const key = [phoneMessage.author.number, phoneMessage.author.lid]
        .map((user) => keyOf(phoneMessage.linkedNumber.id, phoneMessage.id, user))
        .find((each) => this.committedAt.has(each));
      if (key === undefined) {
        this.missing.set(phoneMessage, when);
      } else {
        this.compare(phoneMessage, this.committedAt.get(key)!);
      }
    }
  }

  private compare(phoneMessage: PhoneMessage, committedAt: number | null): void {
    if (committedAt === null) {
      return;
    }
    this.measured += 1;
    const early = committedAt - phoneMessage.acknowledgedAt!.getTime() - TOLERANCE_MS;
    if (early > 0) {
      this.early.set(phoneMessage, early);
    }
  }

  private async readJournal(): Promise<void> {
    const time = this.hasTimes ? `extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000` : 'null';
    const rows = await this.database.query<JournalRow>(
      `select position, instance_id, message_id, sender, ${time} as committed_at from chaos_journal
        where position > ${this.position - LOOK_BACK} order by position`,
    );
    for (const row of rows) {
      const key = keyOf(row.instance_id, row.message_id, row.sender.replace(/[:@].*$/, ''));
      this.committedAt.set(key, row.committed_at === null ? null : Number(row.committed_at));
      this.position = Math.max(this.position, Number(row.position));
    }
  }
}

function keyOf(instanceId: string, messageId: string, user: string): string {
  return `${instanceId} ${messageId} ${user}`;
}
