import { AppError, type AppErrorOptions } from '../common/app-error.js';

export interface HttpFaultOptions extends AppErrorOptions {
  /** Response headers that belong to the answer, e.g. `Allow`. */
  headers?: Record<string, string>;
}

/** A fault of the HTTP exchange itself (method, media type, size …), for which only an HTTP status has the words. */
export class HttpFault extends AppError {
  readonly headers: Record<string, string>;

  /**
   * @param status HTTP status, 400 to 599
   * @param code stable code in snake_case
   * @param message one sentence, safe to show
   */
  constructor(
    readonly status: number,
    code: string,
    message: string,
    options: HttpFaultOptions = {},
  ) {
    super(code, message, 'debug', options);
    this.headers = options.headers ?? {};
  }
}
