import { proto, unpadRandomMax16 } from '@whiskeysockets/baileys';
import type { InboxRow } from '../../common/inbox.js';
import { PlainBody } from '../../common/plain-body.js';
import type { Opener } from '../../common/secret-box.js';

/** What a row holds. */
export interface OpenedRow {
  bytes: Uint8Array;
  message: proto.Message;
}

/**
 * Removes seal and padding.
 * @param opener has the key of the row's instance; not needed for a row in clear
 * @throws Error when the row can't be opened
 */
export function openRow(row: InboxRow, opener: Opener | undefined): OpenedRow {
  const bytes = openBody(row, opener);
  return { bytes, message: attempt('not_a_message', () => proto.Message.decode(bytes)) };
}

/** @returns whether its body is sealed: to be opened with the key of its instance */
export function isSealed(row: InboxRow): row is InboxRow & { body: Buffer | null } {
  return !(row.body instanceof PlainBody);
}

/** Errors of parsers may quote what they read: only a fixed reason goes on, with the error as its cause. */
export function attempt<Result>(reason: string, run: () => Result): Result {
  try {
    return run();
  } catch (err) {
    throw new Error(reason, { cause: err });
  }
}

function openBody(row: InboxRow, opener: Opener | undefined): Uint8Array {
  const { body } = row;
  if (!body) {
    throw new Error('no_body');
  }
  const context = [row.instanceId, 'inbox', row.hash];
  const padded =
    body instanceof PlainBody
      ? body.reveal()
      : attempt('sealed_body_refused', () => opener!.open(body, context));
  return attempt('wrong_padding', () => unpadRandomMax16(padded));
}
