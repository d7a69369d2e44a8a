import { createHmac, timingSafeEqual } from 'node:crypto';

const PREFIX = 'whsec_';
const TOLERANCE_S = 300;

/** Headers of a delivery after the Standard Webhooks specification (https://www.standardwebhooks.com). */
export type DeliveryHeaders = Record<string, string | string[] | undefined>;

/**
 * @param secret `whsec_…`
 * @param body as it came
 * @param now seconds since 1970
 * @returns whether the delivery was signed with the secret within the last five minutes
 */
export function isSigned(
  secret: string,
  headers: DeliveryHeaders,
  body: Buffer,
  now = Date.now() / 1000,
): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') {
    return false;
  }
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now - Number(timestamp)) > TOLERANCE_S) {
    return false;
  }
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  // There are two while a secret is rotated.
  return signatures.split(' ').some((signature) => isEqual(signature, expected));
}

function isEqual(signature: string, expected: Buffer): boolean {
  const [version, digest = ''] = signature.split(',');
  const given = Buffer.from(digest, 'base64');
  return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
}
