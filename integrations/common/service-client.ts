import { callJson } from './http-json.ts';

export interface ServiceCall {
  body?: object;
  query?: Record<string, string | number | undefined>;
  /** Makes it safe to call again. */
  idempotencyKey?: string;
  ifMatch?: string;
  signal?: AbortSignal;
}

/** The public REST API of auzap-whatsapp, for one key. */
export class ServiceClient {
  readonly url: string;
  private readonly apiKey: string | undefined;
  private readonly timeoutMs: number;

  /**
   * @param apiKey left out where the service asks nobody who they are
   * @param timeoutMs of each call
   */
  constructor(url: string, apiKey: string | undefined, timeoutMs: number) {
    this.url = url;
    this.apiKey = apiKey;
    this.timeoutMs = timeoutMs;
  }

  /** What a call carries so that the service knows who asks. */
  get authorization(): Record<string, string> {
    return this.apiKey === undefined ? {} : { authorization: `Bearer ${this.apiKey}` };
  }

  /**
   * Calls the service once.
   * @param path with its slash, such as `/api/me`
   * @throws CallError with the service's `code` where it refuses
   */
  call<Answer>(
    method: string,
    path: string,
    { body, query = {}, idempotencyKey, ifMatch, signal }: ServiceCall = {},
  ) {
    const url = new URL(this.url + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) {
        url.searchParams.set(name, String(value));
      }
    }
    return callJson<Answer>({
      url: url.href,
      method,
      timeoutMs: this.timeoutMs,
      headers: {
        ...this.authorization,
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      },
      ...(body !== undefined && { body }),
      ...(signal !== undefined && { signal }),
    });
  }
}
