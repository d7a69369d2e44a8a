import { Inject, Injectable } from '@nestjs/common';
import type { OrganizationScope } from '../common/organization-scope.js';
import { base64OrNull, isoTime, isoTimeOrNull } from '../repositories/column-values.js';
import { DatabaseRejectedError } from '../repositories/database-rejected-error.js';
import {
  creationKey,
  NEWEST_FIRST,
  type Page,
  pageOf,
  type PageRequest,
  pageQuery,
} from '../repositories/page.js';
import { type Made, type Once, onceColumns, type ReplayColumns, toMade } from '../repositories/once.js';
import { answerOf, answerOrNullOf, rowOrNullOf, rowsOf } from '../repositories/supabase-error.js';
import { AppError } from '../common/app-error.js';
import type { Json } from '../supabase/database.types.js';
import {
  type DatabaseClient,
  type JsonFunction,
  type RowWith,
  SUPABASE_CLIENT,
} from '../supabase/supabase-client.js';
import type { PauseReason, Webhook } from './webhook.js';

/** All but the secret. */
const WEBHOOK_COLUMNS = `id, organization_id, url, event_names, is_active, last_sequence, created_at, updated_at, description,
  instance_id, former_secret_expires_at, paused_at, pause_reason, failing_since, redrive_after, redrive_until`;
type WebhookRow = RowWith<'webhook_endpoints', typeof WEBHOOK_COLUMNS>;

/** The first bytes of a sealed value, which no other one has. */
const HEAD_BYTES = 33;

export interface NewWebhook {
  id: string;
  organizationId: string;
  url: string;
  sealedSecrets: Buffer;
  eventNames: readonly string[];
  instanceId: string | null;
  description: string;
}

export interface WebhookChanges {
  url?: string | undefined;
  eventNames?: readonly string[] | undefined;
  instanceId?: string | null | undefined;
  description?: string | undefined;
  state?: 'paused' | undefined;
}

/** The `webhook_endpoints` table. */
@Injectable()
export class WebhooksRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * @param named the caller's name for the call: made once under it
   * @returns null where what an earlier call made was deleted
   * @throws AppError `organization_closed`, `too_many_webhooks`, `instance_not_found` where it is none of the organization,
   *   `idempotency_key_reused`
   */
  async insert(webhook: NewWebhook, named?: Once): Promise<Made<Webhook> | null> {
    const row = await ofKnownInstance(
      answerOrNullOf<WebhookRow & ReplayColumns>(
        this.rpc('create_webhook', {
          id: webhook.id,
          organization_id: webhook.organizationId,
          url: webhook.url,
          secret: base64OrNull(webhook.sealedSecrets),
          event_names: [...webhook.eventNames],
          instance_id: webhook.instanceId,
          description: webhook.description,
          ...onceColumns(named),
        }),
      ),
    );
    return row && toMade(row, toWebhook);
  }

  /** Newest first. */
  async list(organizationId: string, page: PageRequest): Promise<Page<Webhook>> {
    let query = this.client
      .from('webhook_endpoints')
      .select(WEBHOOK_COLUMNS)
      .eq('organization_id', organizationId);
    const rows = await rowsOf(pageQuery(query, page, NEWEST_FIRST));
    return pageOf<WebhookRow, Webhook>(rows, page, toWebhook, creationKey);
  }

  async find(scope: OrganizationScope, id: string): Promise<Webhook | null> {
    let query = this.client.from('webhook_endpoints').select(WEBHOOK_COLUMNS).eq('id', id);
    if (scope !== 'all') {
      query = query.in('organization_id', scope.organizationIds);
    }
    const row: WebhookRow | null = await rowOrNullOf(query.maybeSingle());
    return row && toWebhook(row);
  }

  /** @throws AppError `instance_not_found` where it is none of the organization */
  async update(scope: OrganizationScope, id: string, changes: WebhookChanges): Promise<Webhook | null> {
    const { url, eventNames, instanceId, description, state } = changes;
    const row = await ofKnownInstance(
      answerOrNullOf<WebhookRow>(
        this.rpc('change_webhook', {
          ...idIn(scope, id),
          changes: {
            ...(url !== undefined && { url }),
            ...(eventNames !== undefined && { event_names: [...eventNames] }),
            ...(instanceId !== undefined && { instance_id: instanceId }),
            ...(description !== undefined && { description }),
            ...(state !== undefined && { state }),
          },
        }),
      ),
    );
    return row && toWebhook(row);
  }

  /** With its deliveries. @returns whether there was one */
  async delete(scope: OrganizationScope, id: string): Promise<boolean> {
    let query = this.client.from('webhook_endpoints').delete().eq('id', id);
    if (scope !== 'all') {
      query = query.in('organization_id', scope.organizationIds);
    }
    return (await rowsOf(query.select('id'))).length > 0;
  }

  /** @param after what waits up to this sequence is given up */
  async resume(scope: OrganizationScope, id: string, after: number | undefined): Promise<Webhook | null> {
    const p = { ...idIn(scope, id), after: after ?? null };
    const row = await answerOrNullOf<WebhookRow>(this.rpc('resume_webhook', p));
    return row && toWebhook(row);
  }

  /** @throws AppError `events_expired` */
  async redrive(
    scope: OrganizationScope,
    id: string,
    { after, until }: { after: number; until: number | undefined },
  ): Promise<Webhook | null> {
    const p = { ...idIn(scope, id), after, until: until ?? null };
    const answer = await answerOrNullOf<{ webhook: WebhookRow | null }>(this.rpc('redrive_webhook', p));
    if (answer?.webhook === null) {
      throw new AppError('events_expired');
    }
    return answer && toWebhook(answer.webhook);
  }

  /** @returns the sealed secrets */
  async readSecrets(id: string): Promise<Buffer | null> {
    const query = this.client.from('webhook_endpoints').select('secret').eq('id', id).maybeSingle();
    const row = await rowOrNullOf(query);
    return row && bytesOf(row.secret);
  }

  /** @returns false where they are others by now */
  replaceSecrets(id: string, old: Buffer, sealed: Buffer, overlapSeconds: number): Promise<boolean> {
    return answerOf<boolean>(
      this.rpc('replace_webhook_secret', {
        id,
        old: base64OrNull(old.subarray(0, HEAD_BYTES)),
        new: base64OrNull(sealed),
        overlap_seconds: overlapSeconds,
      }),
    );
  }

  private rpc(name: JsonFunction, p: Json) {
    return this.client.rpc(name, { p });
  }
}

function idIn(scope: OrganizationScope, id: string): { id: string; organization_ids: string[] | null } {
  return { id, organization_ids: scope === 'all' ? null : [...scope.organizationIds] };
}

/** As it is read: `\x` and hex. */
function bytesOf(text: string): Buffer {
  return Buffer.from(text.replace(/^\\x/, ''), 'hex');
}

async function ofKnownInstance<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof DatabaseRejectedError && error.sqlState === '23503') {
      throw new AppError('instance_not_found', { cause: error });
    }
    throw error;
  }
}

function toWebhook(row: WebhookRow): Webhook {
  return {
    id: row.id,
    organizationId: row.organization_id,
    url: row.url,
    eventNames: row.event_names,
    instanceId: row.instance_id,
    description: row.description,
    isActive: row.is_active,
    pausedAt: isoTimeOrNull(row.paused_at),
    pauseReason: row.pause_reason as PauseReason | null,
    failingSince: isoTimeOrNull(row.failing_since),
    lastSequence: row.last_sequence,
    redrive:
      row.redrive_after === null || row.redrive_until === null
        ? null
        : { after: row.redrive_after, until: row.redrive_until },
    formerSecretExpiresAt: isoTimeOrNull(row.former_secret_expires_at),
    createdAt: isoTime(row.created_at),
    updatedAt: isoTime(row.updated_at),
  };
}
