/** A call that failed, as the service says it; `network` where it did not answer at all. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
    readonly details: readonly { path: string; message: string }[] = [],
    readonly requestId?: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** Whether the same call may well succeed by itself in a moment. */
  get isPassing(): boolean {
    return this.code === 'network' || this.status === 429 || this.status >= 500;
  }
}

/** @returns what a failed answer says, whatever came */
export function toApiError(status: number, body: unknown): ApiError {
  const { code, error, details, requestId } = (typeof body === 'object' && body !== null ? body : {}) as {
    code?: string;
    error?: string;
    details?: { path: string; message: string }[];
    requestId?: string;
  };
  return new ApiError(code ?? 'unknown', status, error ?? `HTTP ${status}`, details, requestId);
}
