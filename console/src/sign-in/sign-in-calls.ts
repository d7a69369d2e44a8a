import { createClient } from '@auzap/client';
import { answerOf } from '../api/client.ts';
import { BASE } from '../app/base.ts';

const TIMEOUT_MS = 15_000;

/**
 * Asks the service whom a key belongs to, before it is the session's.
 * @throws ApiError
 */
export async function checkKey(key: string): Promise<void> {
  // What no header takes is no key.
  const token = /^[\x21-\x7e]+$/.test(key) ? key : 'none';
  await answerOf(createClient({ url: BASE.href, token, retries: 0, timeoutMs: TIMEOUT_MS }).GET('/api/me'));
}
