import type { ErrorDetail } from '../common/app-error.js';

/**
 * What a failed socket call is acknowledged with. Where the client asked for no acknowledgement, it is the payload of an `exception`
 * event; when the handshake is refused, the `data` of `connect_error`.
 */
export interface SocketErrorBody {
  success: false;
  /** One sentence for people. */
  error: string;
  /** Stable, in snake_case, for programs. */
  code: string;
  details?: ErrorDetail[];
  /**
   * With `events_expired`, and with no other: sequence of the oldest event that is kept.
   * @asType integer
   */
  oldest?: number;
}
