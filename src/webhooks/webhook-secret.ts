import { randomBytes } from 'node:crypto';

export const SECRET_BYTES = 32;

/** What signs: the current secret, and the one before it, which does so for a while. */
export interface WebhookSecrets {
  current: string;
  former?: string;
}

/**
 * @param bytes that nobody can guess
 * @returns a new signing secret, in the form of the Standard Webhooks specification
 */
export function drawWebhookSecret(bytes: Buffer = randomBytes(SECRET_BYTES)): string {
  return `whsec_${bytes.toString('base64')}`;
}

/** What the sealed value is bound to; the organization is added by whoever seals. */
export function webhookSecretContext(webhookId: string): string[] {
  return ['webhook secret', webhookId];
}

/** @returns what is sealed of them: one value, so that whoever seals anew has both */
export function encodeSecrets({ current, former }: WebhookSecrets): Buffer {
  return Buffer.from(JSON.stringify({ current, former }));
}

/** @throws Error when it is none; it does not say what was there, for that is a secret */
export function decodeSecrets(bytes: Buffer): WebhookSecrets {
  try {
    return JSON.parse(bytes.toString()) as WebhookSecrets;
  } catch {
    throw new Error('these are no secrets of a webhook');
  }
}
