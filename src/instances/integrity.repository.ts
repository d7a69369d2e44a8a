import { Inject, Injectable } from '@nestjs/common';
import type { ChatKind } from '../common/inbox.js';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTime, isoTimeOrNull } from '../repositories/column-values.js';
import {
  NUMBER_KEY,
  type Page,
  pageOf,
  type PageRequest,
  keyIn,
  type PageOrder,
  pageQuery,
} from '../repositories/page.js';
import { answerOf, rowsOf } from '../repositories/supabase-error.js';

/** What became of a message of which only a placeholder came. */
export type UndecryptedState = 'waiting' | 'recovered' | 'given_up';
export const UNDECRYPTED_STATES: readonly UndecryptedState[] = ['waiting', 'recovered', 'given_up'];

const LAST_FIRST: PageOrder<'id'> = { columns: ['id'], forms: [NUMBER_KEY], isDescending: true };

/** What became of everything that arrived for an instance in a period; every delivered row is counted once. */
export interface IntegrityCounts {
  received: number;
  stored: number;
  notes: number;
  groups: number;
  skipped: number;
  duplicates: number;
  pending: number;
  dead: number;
  waiting: number;
  recovered: number;
  givenUp: number;
  /** Of those given up, the ones of direct chats and of the owner's chat with itself. */
  lost: number;
  /** Of skipped and dead rows. */
  byReason: Record<string, number>;
}

/** An entry of the loss ledger. */
export interface UndecryptedMessage {
  /** Order of arrival. */
  id: string;
  messageId: string;
  chat: string;
  chatKind: ChatKind;
  fromMe: boolean;
  /** The other side of a direct chat, the author elsewhere. */
  phone: string | null;
  lid: string | null;
  state: UndecryptedState;
  /** The sender's clock. */
  sentAt: string;
  receivedAt: string;
  /** When it was recovered or given up. */
  settledAt: string | null;
}

interface CountsRow extends Omit<IntegrityCounts, 'givenUp' | 'byReason'> {
  given_up: number;
  by_reason: Record<string, number>;
}

const COLUMNS = 'id,message_id,chat,chat_kind,from_me,phone,lid,state,sent_at,received_at,settled_at';
type UndecryptedRow = RowWith<'undecrypted_messages', typeof COLUMNS>;

/** The loss ledger: the `undecrypted_messages` table, which `InboxRepository.ingest` fills, and what the inbox adds up to. */
@Injectable()
export class IntegrityRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @param period by the service's clock, from `from` until before `to` */
  async summarize(
    organizationId: string,
    instanceId: string,
    period: { from: Date; to: Date },
  ): Promise<IntegrityCounts> {
    const p = {
      organization_id: organizationId,
      instance_id: instanceId,
      from: period.from.toISOString(),
      to: period.to.toISOString(),
    };
    const row = await answerOf<CountsRow>(this.client.rpc('instance_integrity', { p }));
    const { given_up: givenUp, by_reason: byReason, ...same } = row;
    return { ...same, givenUp, byReason };
  }

  /** In the order of arrival, newest first. */
  async listUndecrypted(
    organizationId: string,
    instanceId: string,
    filter: PageRequest & { state?: UndecryptedState | undefined },
  ): Promise<Page<UndecryptedMessage>> {
    let query = this.client
      .from('undecrypted_messages')
      .select(COLUMNS)
      .eq('organization_id', organizationId)
      .eq('instance_id', instanceId);
    if (filter.state !== undefined) {
      query = query.eq('state', filter.state);
    }
    const rows = await rowsOf(pageQuery(query, filter, LAST_FIRST));
    return pageOf(rows, filter, toUndecrypted, keyIn(LAST_FIRST));
  }
}

function toUndecrypted(row: UndecryptedRow): UndecryptedMessage {
  return {
    id: String(row.id),
    messageId: row.message_id,
    chat: row.chat,
    // Written by `ingest_inbox` alone, which was given it.
    chatKind: row.chat_kind as ChatKind,
    fromMe: row.from_me,
    phone: row.phone,
    lid: row.lid,
    state: row.state,
    sentAt: isoTime(row.sent_at),
    receivedAt: isoTime(row.received_at),
    settledAt: isoTimeOrNull(row.settled_at),
  };
}
