/** What another server answered, or that it did not answer. */
export class CallError extends Error {
  /** 0 where there was no answer at all. */
  readonly status: number;
  /** The server's own name for the fault, where it has one. */
  readonly code: string | undefined;
  /** How long the server wants to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { status = 0, code, retryAfterMs, cause }: Partial<CallError> = {}) {
    super(message, { cause });
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }

  /** The same call may succeed later. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export interface JsonCall {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  /** An object is sent as JSON, a form as it is. */
  body?: object;
  timeoutMs: number;
  /** Gives the call up early. */
  signal?: AbortSignal;
}

/**
 * Calls a server once and reads its answer as JSON.
 * @returns the parsed body, undefined where it is empty
 * @throws CallError for every status but 2xx, and where no answer came in time
 */
export async function callJson<Answer>(call: JsonCall): Promise<Answer> {
  const response = await answerTo(call);
  const text = await textOf(response, call);
  if (!response.ok) {
    throw refusal(response, text);
  }
  try {
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  } catch (cause) {
    throw new CallError(`${new URL(call.url).origin} answered something that is not JSON`, {
      status: response.status,
      cause,
    });
  }
}

/**
 * Calls a server once.
 * @returns its answer, whatever the status, with the body unread
 * @throws CallError where none came in time
 */
export async function answerTo({ url, method = 'GET', headers, body, timeoutMs, signal }: JsonCall) {
  const isForm = body === undefined || body instanceof FormData;
  const limits = [AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])];
  try {
    return await fetch(url, {
      method,
      headers: { ...(isForm ? {} : { 'content-type': 'application/json' }), ...headers },
      signal: AbortSignal.any(limits),
      // What holds a token is not sent on to wherever an answer points.
      redirect: 'error',
      ...(body === undefined ? {} : { body: isForm ? (body as FormData) : JSON.stringify(body) }),
    });
  } catch (cause) {
    throw unanswered(url, timeoutMs, cause);
  }
}

async function textOf(response: Response, { url, timeoutMs }: JsonCall): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw unanswered(url, timeoutMs, cause);
  }
}

function unanswered(url: string, timeoutMs: number, cause: unknown): CallError {
  const { origin } = new URL(url);
  const isTimeout = cause instanceof Error && cause.name === 'TimeoutError';
  return new CallError(
    isTimeout ? `${origin} did not answer within ${timeoutMs} ms` : `${origin} is not reachable`,
    {
      cause,
    },
  );
}

function refusal(response: Response, text: string): CallError {
  const body = parsed(text);
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new CallError(sentenceOf(body) ?? `answered with status ${response.status}`, {
    status: response.status,
    ...(typeof body['code'] === 'string' && { code: body['code'] }),
    ...(Number.isFinite(seconds) && { retryAfterMs: seconds * 1000 }),
  });
}

/** `error` is this service's word, and sometimes Chatwoot's; `message` Chatwoot's. What is wrong with fields, the service says in `details`. */
function sentenceOf({ error, message, code, details }: Record<string, unknown>): string | undefined {
  const sentence = error ?? message;
  const faults =
    code === 'validation_failed' && Array.isArray(details)
      ? (details as { path: string; message: string }[]).map((fault) =>
          `${fault.path} ${fault.message}`.trim(),
        )
      : [];
  return typeof sentence === 'string' ? [sentence, ...faults].join(' ') : undefined;
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
