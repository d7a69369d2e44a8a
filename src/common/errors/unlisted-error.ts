import { AppError, type AppErrorOptions } from '../app-error.js';
import type { ErrorCode } from './catalogue.js';
import type { ErrorLogLevel, ErrorStatus } from './error-entry.js';

/** What an error of another version means, as far as that is known. */
export interface UnlistedMeaning {
  status: ErrorStatus;
  logLevel: ErrorLogLevel;
  sentence: string;
}

/** An error whose code this version does not know: raised by a newer database, or told by a process of another version. */
export class UnlistedError extends AppError {
  /** @param code as it came; callers are told it as it is */
  constructor(code: string, meaning: UnlistedMeaning, options?: AppErrorOptions) {
    // The only code that is not in the catalogue: nothing here compares it with one that is.
    super(code as ErrorCode, options, meaning);
  }
}
