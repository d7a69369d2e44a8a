import { Webhook as Signer } from 'standardwebhooks';

/** What a webhook is told. */
export interface WebhookMessage {
  /** `webhook-id`: the same for each try, and of no other event. */
  id: string;
  body: string;
}

interface Told {
  type: string;
  /** ISO 8601: when it happened. */
  timestamp: string;
  /** Null for what is no event. */
  sequence: number | null;
  organizationId: string;
  data: unknown;
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
export function bodyOf({ type, timestamp, sequence, organizationId, data }: Told): string {
  return JSON.stringify({ type, timestamp, sequence, organization_id: organizationId, data });
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
    body: bodyOf({ type: name, timestamp, sequence, organizationId, data: { ...payload, sequence } }),
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
): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'auzap-whatsapp (webhooks)',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Signer(secret).sign(id, at, body)).join(' '),
  };
}
