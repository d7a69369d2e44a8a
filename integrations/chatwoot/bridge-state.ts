import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ChatwootAttachment } from './chatwoot-types.ts';

/** A message of an agent that is to be sent, or about whose failure Chatwoot is to be told. */
export interface Outgoing {
  /** Chatwoot's. */
  id: number;
  conversationId: number;
  identifier: string | null;
  phoneNumber: string | null;
  content: string;
  attachments: ChatwootAttachment[];
  /** Milliseconds since 1970, after which it is not sent any more. */
  deadline: number;
  /** The calls that send it, once they are decided: under one key a call has to stay the same. */
  bodies?: object[];
  /** Why it was not sent; undefined until that is decided. */
  failure?: string;
}

/** The message of an agent that one of the service's became of. */
export interface Origin {
  id: number;
  conversationId: number;
}

const DAY_MS = 86_400_000;
const KEPT_DAYS = 90;

/**
 * What the bridge must not forget: a small SQLite file, committed before anybody is told so. It holds texts only as long as they
 * wait to be sent.
 */
export class BridgeState {
  private readonly db: DatabaseSync;

  /** @param file is made where it is not there, with its folder */
  constructor(file: string) {
    mkdirSync(dirname(file), { recursive: true });
    this.db = new DatabaseSync(file);
    this.db.exec(`
      pragma journal_mode = wal;
      pragma synchronous = full;
      create table if not exists outgoing (id integer primary key, body text not null) strict;
      create table if not exists sent (
        service_id text primary key, id integer not null, conversation_id integer not null, at integer not null
      ) strict;
      create table if not exists posted (source_id text primary key, at integer not null) strict;
      create table if not exists done (id integer primary key, at integer not null) strict;
    `);
    this.forgetOld();
  }

  /** @returns whether it is new: one that came before changes nothing */
  add(message: Outgoing): boolean {
    const known = this.db.prepare('select 1 from done where id = ?').get(message.id);
    if (known) {
      return false;
    }
    const insert = this.db.prepare('insert or ignore into outgoing (id, body) values (?, ?)');
    return insert.run(message.id, JSON.stringify(message)).changes === 1;
  }

  /** @returns what waits, the oldest first */
  waiting(): Outgoing[] {
    const rows = this.db.prepare('select body from outgoing order by id').all() as { body: string }[];
    return rows.map(({ body }) => JSON.parse(body) as Outgoing);
  }

  countWaiting(): number {
    return (this.db.prepare('select count(*) as count from outgoing').get() as { count: number }).count;
  }

  /** Keeps what was decided about a message that waits. */
  save(message: Outgoing): void {
    this.db.prepare('update outgoing set body = ? where id = ?').run(JSON.stringify(message), message.id);
  }

  /** There is nothing more to do for a message. @param serviceIds of the messages that it became */
  finish({ id, conversationId }: Outgoing, serviceIds: readonly string[]): void {
    const now = Date.now();
    this.db.exec('begin');
    try {
      const insert = this.db.prepare('insert or replace into sent values (?, ?, ?, ?)');
      for (const serviceId of serviceIds) {
        insert.run(serviceId, id, conversationId, now);
      }
      this.db.prepare('insert or ignore into done values (?, ?)').run(id, now);
      this.db.prepare('delete from outgoing where id = ?').run(id);
      this.db.exec('commit');
    } catch (error) {
      this.db.exec('rollback');
      throw error;
    }
  }

  /** @returns what became the service's message; undefined where it was not sent by this bridge */
  originOf(serviceId: string): Origin | undefined {
    const row = this.db.prepare('select id, conversation_id from sent where service_id = ?').get(serviceId);
    return row && { id: Number(row['id']), conversationId: Number(row['conversation_id']) };
  }

  wasPosted(sourceId: string): boolean {
    return this.db.prepare('select 1 from posted where source_id = ?').get(sourceId) !== undefined;
  }

  notePosted(sourceId: string): void {
    this.db.prepare('insert or ignore into posted values (?, ?)').run(sourceId, Date.now());
  }

  close(): void {
    this.db.close();
  }

  private forgetOld(): void {
    const before = Date.now() - KEPT_DAYS * DAY_MS;
    for (const table of ['sent', 'posted', 'done']) {
      this.db.prepare(`delete from ${table} where at < ?`).run(before);
    }
  }
}
