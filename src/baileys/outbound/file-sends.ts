import { hasCode } from '../../common/app-error.js';
import { messageOf } from '../../common/error-message.js';
import { isSendFailure, type SendFailureCode } from '../../common/send-failures.js';
import { withoutNumbers } from '../../common/without-numbers.js';
import { ChangedFileError } from './media-upload.js';
import type { MessageMaker } from './message-maker.js';
import type { OutcomeRecorder } from './outcome-recorder.js';
import type { PendingSend } from './pending-send.js';
import type { SendConnection } from './send-connection.js';

/** Brings the files of messages to WhatsApp while other messages are written. */
export class FileSends {
  constructor(
    private readonly maker: Pick<MessageMaker, 'make'>,
    private readonly recorder: Pick<OutcomeRecorder, 'fail'>,
  ) {}

  /** Never rejects. What a lost connection cuts off begins anew on the next one: nothing of it has left. */
  async prepare(connection: SendConnection, pending: PendingSend): Promise<void> {
    const { message } = pending;
    const { request } = message;
    if (request === null) {
      return;
    }
    pending.preparing(connection);
    try {
      pending.prepared(connection, await this.maker.make(connection, { ...message, request }));
    } catch (error) {
      if (connection.ended.aborted || !connection.isOpen) {
        pending.prepared(connection);
      } else if (pending.isPreparingOn(connection)) {
        this.recorder.fail(pending, reasonOf(error), withoutNumbers(messageOf(error), 200));
      }
    }
  }
}

function reasonOf(error: unknown): SendFailureCode {
  const { message } = error as Error;
  if (isSendFailure(message)) {
    return message;
  }
  const isGone = error instanceof ChangedFileError || hasCode(error, 'upload_not_found');
  return isGone ? 'media_unavailable' : 'media_upload_failed';
}
