import { Webhook as Signer } from 'standardwebhooks';

/** What a webhook is told. */
export interface WebhookMessage {
  /** `webhook-id`: the same for each try, and of no other event. */
  id: string;
  body: string;
}

/** Body of a call, by the Standard Webhooks specification. */
export interface WebhookBody {
  /** Name of the event; `webhook.test` for the call that only tries the address. */
  type: string;
  /**
   * When it happened.
   * @format date-time
   */
  timestamp: string;
  /**
   * Its place among the events of the organization; null for what is no event.
   * @asType integer
   */
  sequence: number | null;
  organization_id: string;
  /** As every other subscriber is told. */
  data: object;
}

/** Headers of a call, by the Standard Webhooks specification. */
export interface WebhookHeaders {
  'content-type': 'application/json';
  'user-agent': string;
  /** The same for each try of an event: who has had it has nothing more to do. */
  'webhook-id': string;
  /** When this try was made, in seconds since 1970. */
  'webhook-timestamp': string;
  /** `v1,` and the signature, one for each secret that is good at this moment, with spaces between them. */
  'webhook-signature': string;
}

/** An event as the database has it. */
export interface EventSource {
  name: string;
  payload: { timestamp?: unknown };
  createdAt: string;
}

/** @returns the `webhook-id` of an event: of letters, digits, `_` and `-`, for it is part of what is signed */
export function webhookIdOf(organizationId: string, sequence: number): string {
  return `evt_${organizationId}_${sequence}`;
}

/** @returns the body of a message */
export function bodyOf({ type, timestamp, sequence, organization_id, data }: WebhookBody): string {
  // In this order, whatever order they came in: it is what is signed.
  return JSON.stringify({ type, timestamp, sequence, organization_id, data });
}

/** @returns what is told of an event */
export function toWebhookMessage(
  organizationId: string,
  sequence: number,
  { name, payload, createdAt }: EventSource,
): WebhookMessage {
  const timestamp = typeof payload.timestamp === 'string' ? payload.timestamp : createdAt;
  return {
    id: webhookIdOf(organizationId, sequence),
    // As every subscriber is told.
    body: bodyOf({
      type: name,
      timestamp,
      sequence,
      organization_id: organizationId,
      data: { ...payload, sequence },
    }),
  };
}

/**
 * @param secrets each signs
 * @param at of this try: receivers refuse what was signed long ago
 * @returns the headers of a call, by the Standard Webhooks specification
 */
export function signedHeaders(
  { id, body }: WebhookMessage,
  secrets: readonly string[],
  at: Date,
): WebhookHeaders & Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'auzap-whatsapp (webhooks)',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Signer(secret).sign(id, at, body)).join(' '),
  };
}
