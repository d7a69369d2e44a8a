import { InvalidStateError } from '../../common/app-error.js';

/** Something that is stored of a session was changed, or sealed by a key that is not configured. */
export class SessionUnreadableError extends InvalidStateError {
  /** @param cause what the secret box, or a parser, threw */
  constructor(cause: unknown) {
    const message =
      'The stored session of this instance can not be opened: it is damaged, or was sealed by another ' +
      'SESSION_ENCRYPTION_KEY. Configure that key, or delete the instance and link it again.';
    super('session_unreadable', message, { cause });
  }
}
