import type { IncomingMessage } from 'node:http';
import { AppError } from '../common/app-error.js';
import type { EgressFetch } from '../egress/egress-fetch.js';
import { signedHeaders, type WebhookMessage } from './webhook-message.js';
import { readRetryAfter } from './webhook-retry.js';

/** How one call went. */
export interface WebhookCall {
  at: Date;
  durationMs: number;
  /** HTTP status of the answer; null where there was none. */
  status: number | null;
  /** How the answer began; null where there was none. */
  answer: string | null;
  /** Null: it was taken. Otherwise a code that says why not. */
  error: string | null;
  /** What the other end asks for. */
  retryAfterMs?: number | undefined;
}

export interface CallLimits {
  callMs: number;
  answerMs: number;
  answerBytes: number;
}

/**
 * Calls a webhook once, by the guarded way out. Its status decides, whatever follows it: of the answer only the beginning is read,
 * and redirects are not followed.
 * @param secrets each signs
 * @param signal ends it
 */
export async function callWebhook(
  egress: EgressFetch,
  { url, message, secrets }: { url: string; message: WebhookMessage; secrets: readonly string[] },
  { callMs, answerMs, answerBytes }: CallLimits,
  signal?: AbortSignal,
): Promise<WebhookCall> {
  const at = new Date();
  const startedAt = performance.now();
  const over = (rest: Omit<WebhookCall, 'at' | 'durationMs'>): WebhookCall => ({
    at,
    durationMs: Math.round(performance.now() - startedAt),
    ...rest,
  });
  const limit = AbortSignal.timeout(callMs + answerMs);
  const controller = new AbortController();
  const late = setTimeout(() => controller.abort(), callMs);
  try {
    const response = await egress.open(url, {
      method: 'POST',
      headers: signedHeaders(message, secrets, at),
      body: message.body,
      signal: AbortSignal.any([limit, controller.signal, ...(signal ? [signal] : [])]),
    });
    clearTimeout(late);
    const { statusCode: status = 0, headers } = response;
    const answer = await beginningOf(response, answerBytes, answerMs);
    return over({
      status,
      answer,
      error: faultOf(status),
      retryAfterMs: readRetryAfter(headers['retry-after']),
    });
  } catch (error) {
    return over({
      status: null,
      answer: null,
      error: error instanceof AppError ? error.code : 'egress_unreachable',
    });
  } finally {
    clearTimeout(late);
  }
}

function faultOf(status: number): string | null {
  if (status >= 200 && status < 300) {
    return null;
  }
  return status >= 300 && status < 400 ? 'redirect_not_followed' : 'status_not_ok';
}

/** Never rejects: what breaks off while it is read is as much as there is. */
async function beginningOf(response: IncomingMessage, maxBytes: number, limitMs: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const late = setTimeout(() => response.destroy(), limitMs);
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= maxBytes) {
        break;
      }
    }
  } catch {
    // Its status is known.
  } finally {
    clearTimeout(late);
    response.destroy();
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString();
}
