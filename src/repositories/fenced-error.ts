import { AppError } from '../common/app-error.js';

/**
 * Another process took the session over: its epoch was raised, so this process may not write for it any more.
 * The whole call was rolled back. Give up exactly the sessions named in `instanceIds`.
 */
export class FencedError extends AppError {
  /** @param instanceIds the instances whose epoch is not the one that the caller holds */
  constructor(
    readonly instanceIds: string[],
    cause?: unknown,
  ) {
    super('fenced', { cause });
  }
}
