import { AppError } from '../../common/app-error.js';

/** Something that is stored of a session was changed, or sealed by a key that is not configured. */
export class SessionUnreadableError extends AppError {
  /** @param cause what the secret box, or a parser, threw */
  constructor(cause: unknown) {
    super('session_unreadable', { cause });
  }
}
