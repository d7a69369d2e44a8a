import { Inject, Injectable } from '@nestjs/common';
import type { HistoryMessage, HistoryNotification } from '../common/history.js';
import type { InboxRow } from '../common/inbox.js';
import { phoneVariants } from '../common/phone-number.js';
import type { Json } from '../supabase/database.types.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTime, storableText } from './column-values.js';
import { type ClaimedRow, toInboxRow } from './inbox.repository.js';
import type { BookingPolicy } from './ingest-item.js';
import type { HistoryPolicy } from './instance.js';
import { answerOf, answerOrNullOf } from './supabase-error.js';

export type HistorySyncState = 'pending' | 'done' | 'failed' | 'skipped';

/** A piece of history that this process is to fetch. */
export interface ClaimedHistory {
  id: string;
  instanceId: string;
  /** How often it was claimed, this time included. */
  attempts: number;
  /** What the notification came in; null where it was deleted since. */
  row: InboxRow | null;
  /** Null where the instance is deleted. */
  policy: HistoryPolicy | null;
}

/** One piece of history, and what became of it. */
export interface HistorySync {
  id: string;
  state: HistorySyncState;
  syncType: string | null;
  chunkOrder: number | null;
  progress: number | null;
  requestId: string | null;
  stored: number;
  known: number;
  attempts: number;
  error: string | null;
  /** ISO 8601 UTC, like all times here. */
  createdAt: string;
  updatedAt: string;
}

/** How far the history of an instance is. */
export interface HistoryOverview {
  policy: HistoryPolicy;
  pending: number;
  failed: number;
  done: number;
  messages: number;
  progress: number | null;
  /** The last 50, the newest first. */
  syncs: HistorySync[];
}

/** From where WhatsApp counts backwards. */
export interface HistoryAnchor {
  messageId: string;
  fromMe: boolean;
  sentAt: Date;
  phone: string | undefined;
  lid: string | undefined;
}

/** Why and when a piece of history is done with, or tried again. */
export interface HistoryEnd {
  /** Left out: it is tried again after `retrySeconds`. */
  state?: Exclude<HistorySyncState, 'pending'>;
  retrySeconds?: number;
  error?: string;
  notification?: HistoryNotification | undefined;
}

interface SyncRow {
  id: string;
  state: HistorySyncState;
  sync_type: string | null;
  chunk_order: number | null;
  progress: number | null;
  request_id: string | null;
  stored: number;
  known: number;
  attempts: number;
  error: string | null;
  created_at: string;
  updated_at: string;
}

/** What WhatsApp hands over of the time before, and how far that is. */
@Injectable()
export class HistoryRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @returns null where nothing is to be done now */
  async claim(worker: string, leaseSeconds: number): Promise<ClaimedHistory | null> {
    const p = { worker, lease_seconds: leaseSeconds };
    const found = await answerOrNullOf<{
      id: string;
      instance_id: string;
      attempts: number;
      row: ClaimedRow | null;
      policy: HistoryPolicy | null;
    }>(this.client.rpc('claim_history', { p }));
    return (
      found && {
        id: found.id,
        instanceId: found.instance_id,
        attempts: found.attempts,
        row: found.row && toInboxRow(found.row),
        policy: found.policy,
      }
    );
  }

  /**
   * Stores messages as history, and prolongs the claim; without any, it does that alone.
   * @returns whether the claim still holds, and history is still wanted
   */
  async store(request: {
    id: string;
    worker: string;
    leaseSeconds: number;
    bookingPolicy: BookingPolicy;
    messages: readonly HistoryMessage[];
  }): Promise<boolean> {
    const p = {
      id: request.id,
      worker: request.worker,
      lease_seconds: request.leaseSeconds,
      booking_policy: request.bookingPolicy,
      messages: request.messages.map(({ peer, chat, fromMe, messageId, sentAt, text, ...content }) => ({
        phone: peer.phone ?? null,
        other_phone: (peer.phone && phoneVariants(peer.phone)[1]) ?? null,
        lid: peer.lid ?? null,
        chat,
        from_me: fromMe,
        message_id: storableText(messageId),
        content: storableText(text),
        content_type: content.contentType,
        type: content.type,
        metadata: (content.metadata as Json | undefined) ?? null,
        sent_at: sentAt.toISOString(),
      })),
    };
    return (await answerOrNullOf(this.client.rpc('store_history', { p }))) !== null;
  }

  async finish(id: string, worker: string, end: HistoryEnd): Promise<void> {
    const p = {
      id,
      worker,
      state: end.state ?? null,
      retry_seconds: end.retrySeconds ?? null,
      error: end.error ?? null,
      sync_type: end.notification?.syncType ?? null,
      chunk_order: end.notification?.chunkOrder ?? null,
      progress: end.notification?.progress ?? null,
      request_id: end.notification?.requestId === undefined ? null : storableText(end.notification.requestId),
    };
    await answerOf(this.client.rpc('finish_history', { p }));
  }

  async overviewOf(instanceId: string): Promise<HistoryOverview> {
    const found = await answerOf<Omit<HistoryOverview, 'syncs'> & { syncs: SyncRow[] }>(
      this.client.rpc('history_of', { p: { instance_id: instanceId } }),
    );
    return { ...found, syncs: found.syncs.map(toSync) };
  }

  /** @returns the oldest message of a chat that is known; null where there is none */
  async anchorOf(
    organizationId: string,
    instanceId: string,
    contactId: string,
  ): Promise<HistoryAnchor | null> {
    const p = { organization_id: organizationId, instance_id: instanceId, contact_id: contactId };
    const found = await answerOrNullOf<{
      message_id: string;
      from_me: boolean;
      sent_at: string;
      phone: string | null;
      lid: string | null;
    }>(this.client.rpc('history_anchor', { p }));
    return (
      found && {
        messageId: found.message_id,
        fromMe: found.from_me,
        sentAt: new Date(found.sent_at),
        phone: found.phone ?? undefined,
        lid: found.lid ?? undefined,
      }
    );
  }
}

function toSync(row: SyncRow): HistorySync {
  return {
    id: row.id,
    state: row.state,
    syncType: row.sync_type,
    chunkOrder: row.chunk_order,
    progress: row.progress,
    requestId: row.request_id,
    stored: row.stored,
    known: row.known,
    attempts: row.attempts,
    error: row.error,
    createdAt: isoTime(row.created_at),
    updatedAt: isoTime(row.updated_at),
  };
}
