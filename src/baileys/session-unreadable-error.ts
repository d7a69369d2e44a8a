import { InvalidStateError } from '../common/app-error.js';

/** What `SecretBox.open` says of a value that names a key which it does not have. */
const KEY_MISSING = 'sealed by a key that is not configured';

/** Something that is stored of a session was changed, or sealed by a key that is not configured. */
export class SessionUnreadableError extends InvalidStateError {
  /** The configuration lacks the key; the value itself may be sound. */
  readonly isKeyMissing: boolean;

  /** @param cause what the secret box, or a parser, threw */
  constructor(cause: unknown) {
    const message =
      'The stored session of this instance can not be opened: it is damaged, or was sealed by another ' +
      'SESSION_ENCRYPTION_KEY. Configure that key, or delete the instance and link it again.';
    super('session_unreadable', message, { cause });
    this.isKeyMissing = cause instanceof Error && cause.message === KEY_MISSING;
  }
}
