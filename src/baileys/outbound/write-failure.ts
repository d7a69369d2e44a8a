import { codeOfWhatsApp, isSendFailure, type SendFailureCode } from '../../common/send-failures.js';
import { withoutNumbers } from '../../common/without-numbers.js';

/** What Baileys says of a query without an answer (Utils/generics.js, `promiseTimeout`). */
const TIMED_OUT = 408;
/** And where no device of the recipient has a session (Socket/messages-send.js). */
const NOBODY_TO_ENCRYPT_FOR = 'All encryptions failed';

/** Why a message could not be written; `cause` is for the log. */
export interface WriteFailure {
  reason: SendFailureCode;
  cause: string;
}

/** @returns what an error says that Baileys, or a look-up before it, threw instead of writing a message */
export function writeFailureOf(error: unknown): WriteFailure {
  return { reason: reasonOf(error), cause: causeOf(error) };
}

/** Baileys throws the error code of a query that WhatsApp refused as `data` (Utils/generics.js, WABinary/generic-utils.js). */
function reasonOf(error: unknown): SendFailureCode {
  const {
    message = '',
    data,
    output,
  } = error as {
    message?: string;
    data?: unknown;
    output?: { statusCode?: number };
  };
  if (isSendFailure(message)) {
    return message;
  }
  if (Number.isInteger(data)) {
    return codeOfWhatsApp(data as number);
  }
  if (output?.statusCode === TIMED_OUT) {
    return 'whatsapp_timeout';
  }
  return message === NOBODY_TO_ENCRYPT_FOR ? 'encryption_failed' : 'send_failed';
}

function causeOf(error: unknown): string {
  return error instanceof Error ? withoutNumbers(error.message, 200) : 'connection_lost';
}
