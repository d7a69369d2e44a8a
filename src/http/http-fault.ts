import { AppError, type AppErrorOptions } from '../common/app-error.js';
import type { ErrorCode } from '../common/errors/catalogue.js';

export interface HttpFaultOptions extends AppErrorOptions {
  /** Response headers that belong to the answer, e.g. `Allow`. */
  headers?: Record<string, string>;
}

/** An error whose answer over HTTP has headers of its own. */
export class HttpFault extends AppError {
  readonly headers: Record<string, string>;

  constructor(code: ErrorCode, options: HttpFaultOptions = {}) {
    super(code, options);
    this.headers = options.headers ?? {};
  }
}
