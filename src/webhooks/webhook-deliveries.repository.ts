import { Inject, Injectable } from '@nestjs/common';
import { isoTime, isoTimeOrNull, storableText } from '../repositories/column-values.js';
import {
  type BoundedRows,
  NUMBER_KEY,
  type Page,
  pageOf,
  type PageRequest,
  boundOf,
  rowsToFetch,
} from '../repositories/page.js';
import { answerOf } from '../repositories/supabase-error.js';
import type { Json } from '../supabase/database.types.js';
import { type DatabaseClient, type JsonFunction, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import type { PauseReason } from './webhook.js';
import type { EventSource } from './webhook-message.js';

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** A delivery that a worker is to make. */
export interface ClaimedDelivery {
  id: number;
  webhookId: string;
  organizationId: string;
  sequence: number;
  /** Those before this one. */
  attempts: number;
  /** The webhook's last delivery did not come through. */
  isFailing: boolean;
  url: string;
  /** Sealed `WebhookSecrets`. */
  secret: Buffer;
  /** The former secret signs, too. */
  hasFormerSecret: boolean;
  /** Null: it is gone, or was erased. */
  event: EventSource | null;
}

/** What became of a claimed delivery. */
export interface DeliveryOutcome {
  /** `gone`: nothing is wanted any more; `drop`: there is nothing to deliver; `release`: nothing was tried. */
  kind: 'delivered' | 'retry' | 'gone' | 'drop' | 'release';
  at?: Date;
  durationMs?: number;
  status?: number | null;
  answer?: string | null;
  error?: string | null;
  /** Before the next try. */
  delayMs?: number;
}

/** One try of a delivery. */
export interface DeliveryTry {
  at: string;
  durationMs: number;
  status: number | null;
  error: string | null;
}

/** A delivery, as the log has it. */
export interface Delivery {
  id: string;
  webhookId: string;
  organizationId: string;
  sequence: number;
  status: DeliveryStatus;
  attempts: number;
  tries: DeliveryTry[];
  error: string | null;
  response: { status: number; body: string | null } | null;
  /** Null: it is over, or waits for an earlier one of its chat. */
  nextAttemptAt: string | null;
  deliveredAt: string | null;
  createdAt: string;
  event: EventSource | null;
}

interface EventRow {
  name: string;
  payload: { timestamp?: unknown };
  created_at: string;
}

interface ClaimedRow {
  id: number;
  webhook_id: string;
  organization_id: string;
  sequence: number;
  attempts: number;
  is_failing: boolean;
  url: string;
  secret: string;
  has_former_secret: boolean;
  event: EventRow | null;
}

interface DeliveryRow {
  id: number;
  endpoint_id: string;
  organization_id: string;
  sequence: number;
  status: DeliveryStatus;
  attempts: number;
  next_attempt_at: string;
  response_status: number | null;
  response_body: string | null;
  error: string | null;
  delivered_at: string | null;
  created_at: string;
  is_next: boolean;
  tries: { at: string; duration_ms: number; status: number | null; error: string | null }[];
  event: { [Key in keyof EventRow]: EventRow[Key] | null };
}

/** The `webhook_deliveries` table, and how far webhooks are in the events. */
@Injectable()
export class WebhookDeliveriesRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * Makes deliveries of events that wait.
   * @param organizationIds whose webhooks; null: of all
   * @returns whether there are more
   */
  async takeUp(
    organizationIds: readonly string[] | null,
    { page, maxWaiting }: { page: number; maxWaiting: number },
  ): Promise<boolean> {
    const { more } = await this.call<{ more: boolean }>('take_up_webhook_events', {
      organization_ids: organizationIds === null ? null : [...organizationIds],
      limit: page,
      max_waiting: maxWaiting,
    });
    return more;
  }

  /** @returns the deliveries whose turn it is, for this worker until the lease ends */
  async claim(request: {
    worker: string;
    limit: number;
    failingLimit: number;
    perOrganization: number;
    perWebhook: number;
    leaseMs: number;
  }): Promise<ClaimedDelivery[]> {
    const rows = await this.call<ClaimedRow[]>('claim_webhook_deliveries', {
      worker: request.worker,
      limit: request.limit,
      failing_limit: request.failingLimit,
      per_organization: request.perOrganization,
      per_webhook: request.perWebhook,
      lease_seconds: request.leaseMs / 1_000,
    });
    return rows.map((row) => ({
      id: row.id,
      webhookId: row.webhook_id,
      organizationId: row.organization_id,
      sequence: row.sequence,
      attempts: row.attempts,
      isFailing: row.is_failing,
      url: row.url,
      secret: Buffer.from(row.secret, 'base64'),
      hasFormerSecret: row.has_former_secret,
      event: row.event && toEvent(row.event),
    }));
  }

  /**
   * Takes no effect where the claim is another worker's by now.
   * @param windowMs the webhook is paused where a delivery fails so long after its first try
   * @returns why the webhook is paused with this; null where it goes on
   */
  async settle(
    worker: string,
    id: number,
    outcome: DeliveryOutcome,
    windowMs: number,
  ): Promise<PauseReason | null> {
    const { paused } = await this.call<{ paused: PauseReason | null }>('settle_webhook_delivery', {
      worker,
      id,
      outcome: outcome.kind,
      at: outcome.at?.toISOString() ?? null,
      duration_ms: outcome.durationMs ?? null,
      response_status: outcome.status ?? null,
      response_body: typeof outcome.answer === 'string' ? storableText(outcome.answer) : null,
      error: outcome.error ?? null,
      delay_seconds: (outcome.delayMs ?? 0) / 1_000,
      window_seconds: windowMs / 1_000,
    });
    return paused;
  }

  /** Newest first. */
  async list(
    webhookId: string,
    filter: PageRequest & { status?: DeliveryStatus | undefined },
  ): Promise<Page<Delivery>> {
    const { rows, more } = await this.call<BoundedRows<DeliveryRow>>('list_webhook_deliveries', {
      endpoint_id: webhookId,
      status: filter.status ?? null,
      ...boundOf(filter, [NUMBER_KEY]),
      limit: rowsToFetch(filter),
    });
    return pageOf(rows, filter, toDelivery, ({ id }) => [String(id)], { isCut: more });
  }

  private call<T extends NonNullable<unknown>>(name: JsonFunction, p: Json): Promise<T> {
    return answerOf<T>(this.client.rpc(name, { p }));
  }
}

function toEvent({ name, payload, created_at }: EventRow): EventSource {
  return { name, payload, createdAt: isoTime(created_at) };
}

function toDelivery(row: DeliveryRow): Delivery {
  const { name, payload, created_at } = row.event;
  const isTried = row.status === 'pending' && row.is_next;
  return {
    id: String(row.id),
    webhookId: row.endpoint_id,
    organizationId: row.organization_id,
    sequence: row.sequence,
    status: row.status,
    attempts: row.attempts,
    tries: row.tries.map(({ at, duration_ms, status, error }) => ({
      at: isoTime(at),
      durationMs: duration_ms,
      status,
      error,
    })),
    error: row.error,
    response: row.response_status === null ? null : { status: row.response_status, body: row.response_body },
    nextAttemptAt: isTried ? isoTime(row.next_attempt_at) : null,
    deliveredAt: isoTimeOrNull(row.delivered_at),
    createdAt: isoTime(row.created_at),
    event:
      name === null || payload === null || created_at === null || 'erased' in payload
        ? null
        : toEvent({ name, payload, created_at }),
  };
}
