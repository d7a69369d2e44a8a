import { Inject, Injectable } from '@nestjs/common';
import type { OrganizationScope } from '../common/organization-scope.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import type { Json } from '../supabase/database.types.js';
import { type DatabaseClient, type JsonFunction, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { base64OrNull, bytesOrNull } from './column-values.js';
import { type OutgoingEventRow, toOutgoingEvent } from './outgoing-event-row.js';
import { answerOf, answerOrNullOf } from './supabase-error.js';

export type MediaState = 'pending' | 'ready' | 'failed' | 'expired' | 'skipped';

/** What is to be done next: fetching the file, or asking the phone to upload it once more. */
export type MediaStep = 'download' | 'phone';

/** A file that a worker is to get. */
export interface ClaimedMedia {
  messageId: string;
  organizationId: string;
  instanceId: string;
  whatsappMessageId: string;
  chatJid: string | null;
  /** Who wrote it, in a group. */
  authorJid: string | null;
  /** Of a note: the owner's phone sent it. */
  fromMe: boolean;
  kind: string;
  /** As its sender says. */
  size: number | null;
  seconds: number | null;
  sha256: Buffer | null;
  thumbnail: Buffer | null;
  /** Of this step; this one counts. */
  attempts: number;
  /** How often it came to asking the phone. */
  phoneRounds: number;
  /** A sealed `MediaSource`. */
  sealed: Buffer | null;
}

/** What became of a claimed file. */
export type MediaOutcome =
  | { state: 'ready'; fileId: string }
  | { state: 'failed' | 'expired' | 'skipped'; error: string }
  | {
      state: 'pending';
      step: MediaStep;
      delayMs: number;
      error?: string;
      /** Whether this one is among the attempts, as it is by default; not where something else failed than getting the file. */
      isCounted?: boolean;
    };

/** A file that the phone was asked for. */
export interface AskedMedia {
  messageId: string;
  chatJid: string | null;
  /** A sealed `MediaSource`. */
  sealed: Buffer;
}

/** The file of a message, for those who ask for its bytes. */
export interface FoundMedia {
  organizationId: string;
  media: { state: MediaState; error: string | null; kind: string; fileName: string | null } | null;
  file: {
    id: string;
    sha256: string;
    size: number;
    mimeType: string;
    backend: string;
    hasThumbnail: boolean;
  } | null;
}

/** Whether there is work. */
export interface MediaWaits {
  download: boolean;
  phone: boolean;
  expired: boolean;
}

export interface MediaClaim {
  worker: string;
  step: MediaStep;
  limit: number;
  perOrganization: number;
  leaseMs: number;
}

interface ClaimedRow {
  message_id: string;
  organization_id: string;
  instance_id: string;
  whatsapp_message_id: string;
  chat_jid: string | null;
  author_jid: string | null;
  from_me: boolean;
  kind: string;
  size: number | null;
  seconds: number | null;
  sha256: string | null;
  thumbnail: string | null;
  attempts: number;
  phone_rounds: number;
  sealed: string | null;
}

interface FoundRow {
  organization_id: string;
  media: { state: MediaState; error: string | null; kind: string; file_name: string | null } | null;
  file: {
    id: string;
    sha256: string;
    size: number;
    mime_type: string;
    backend: string;
    has_thumbnail: boolean;
  } | null;
}

/** The `message_media` table: the file of each message or note that has one. */
@Injectable()
export class MessageMediaRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @returns files whose turn it is, each organization's in turn; they are the worker's until the lease ends */
  async claim({ worker, step, limit, perOrganization, leaseMs }: MediaClaim): Promise<ClaimedMedia[]> {
    const rows = await this.call<ClaimedRow[]>('claim_media', {
      worker,
      step,
      limit,
      per_organization: perOrganization,
      lease_seconds: leaseMs / 1_000,
    });
    return rows.map((row) => ({
      messageId: row.message_id,
      organizationId: row.organization_id,
      instanceId: row.instance_id,
      whatsappMessageId: row.whatsapp_message_id,
      chatJid: row.chat_jid,
      authorJid: row.author_jid,
      fromMe: row.from_me,
      kind: row.kind,
      size: row.size,
      seconds: row.seconds,
      sha256: row.sha256 === null ? null : Buffer.from(row.sha256, 'hex'),
      thumbnail: bytesOrNull(row.thumbnail),
      attempts: row.attempts,
      phoneRounds: row.phone_rounds,
      sealed: bytesOrNull(row.sealed),
    }));
  }

  /** @returns the ids of those that are still the worker's */
  renew(worker: string, messageIds: readonly string[], leaseMs: number): Promise<string[]> {
    return this.call('renew_media_claims', {
      worker,
      message_ids: [...messageIds],
      lease_seconds: leaseMs / 1_000,
    });
  }

  /** Takes no effect where the claim is another worker's by now. @returns the committed events */
  async settle(worker: string, messageId: string, outcome: MediaOutcome): Promise<OutgoingEvent[]> {
    const { events } = await this.call<{ events: OutgoingEventRow[] }>('settle_media', {
      worker,
      message_id: messageId,
      state: outcome.state,
      ...(outcome.state === 'ready' && { file_id: outcome.fileId }),
      ...('error' in outcome && { error: outcome.error ?? null }),
      ...(outcome.state === 'pending' && {
        step: outcome.step,
        delay_seconds: outcome.delayMs / 1_000,
        counted: outcome.isCounted ?? true,
      }),
    });
    return events.map(toOutgoingEvent);
  }

  /** @returns files of messages with this id of WhatsApp's for which the phone of the instance was asked */
  async listAsked(instanceId: string, whatsappMessageId: string): Promise<AskedMedia[]> {
    const rows = await this.call<{ message_id: string; chat_jid: string | null; sealed: string }[]>(
      'find_asked_media',
      { instance_id: instanceId, whatsapp_message_id: whatsappMessageId },
    );
    return rows.map(({ message_id, chat_jid, sealed }) => ({
      messageId: message_id,
      chatJid: chat_jid,
      sealed: Buffer.from(sealed, 'base64'),
    }));
  }

  /**
   * What the phone said of a file: where it is now (a sealed `MediaSource`), or why it is not there. Takes no effect where nobody waits
   * for it.
   * @returns the committed events
   */
  async answer(messageId: string, found: { sealed: Buffer } | { error: string }): Promise<OutgoingEvent[]> {
    const { events } = await this.call<{ events: OutgoingEventRow[] }>('answer_media', {
      message_id: messageId,
      ...('sealed' in found ? { sealed: base64OrNull(found.sealed) } : found),
    });
    return events.map(toOutgoingEvent);
  }

  /**
   * Has a file that is not there fetched once more.
   * @returns as callers are shown it, null where the message has none; `isRetryable`: it is known how to get it
   */
  async retry(
    organizationId: string,
    messageId: string,
  ): Promise<{ media: Json; isRetryable: boolean; events: OutgoingEvent[] }> {
    const answer = await this.call<{ media: Json; retryable: boolean; events: OutgoingEventRow[] }>(
      'retry_media',
      { organization_id: organizationId, message_id: messageId },
    );
    return {
      media: answer.media,
      isRetryable: answer.retryable,
      events: answer.events.map(toOutgoingEvent),
    };
  }

  /** @returns null when there is no such message in the scope */
  async find(scope: OrganizationScope, messageId: string): Promise<FoundMedia | null> {
    const p = {
      message_id: messageId,
      organization_ids: scope === 'all' ? null : [...scope.organizationIds],
    };
    const row = await answerOrNullOf<FoundRow>(this.client.rpc('find_media', { p }));
    return (
      row && {
        organizationId: row.organization_id,
        media: row.media && {
          state: row.media.state,
          error: row.media.error,
          kind: row.media.kind,
          fileName: row.media.file_name,
        },
        file: row.file && {
          id: row.file.id,
          sha256: row.file.sha256,
          size: row.file.size,
          mimeType: row.file.mime_type,
          backend: row.file.backend,
          hasThumbnail: row.file.has_thumbnail,
        },
      }
    );
  }

  private call<T extends NonNullable<unknown>>(name: JsonFunction, p: Json): Promise<T> {
    return answerOf<T>(this.client.rpc(name, { p }));
  }
}
