import { AppError } from '../common/app-error.js';
import type { StartFault } from '../common/start-wait.js';

/** A store does not do what it was asked: `media_store_unavailable` for callers, and for the log and the start what to do about it. */
export class MediaStoreFault extends AppError {
  constructor(
    readonly fault: StartFault,
    cause: unknown,
  ) {
    super('media_store_unavailable', { cause: new Error(fault.sentence, { cause }) });
  }
}
