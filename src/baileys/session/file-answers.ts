import { decryptMediaRetryData, jidDecode, jidNormalizedUser, proto } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import type { DomainEventBus } from '../../common/domain-events.js';
import type { MediaSource } from '../../repositories/message-detail.js';
import type { AskedMedia, MessageMediaRepository } from '../../repositories/message-media.repository.js';
import type { FileAnswer } from '../connection/file-answers.js';
import type { SessionHandle } from '../ownership/session-handle.js';

/** Stores what the account's own phone says of files that it was asked to upload once more. */
export class FileAnswers {
  constructor(
    private readonly media: Pick<MessageMediaRepository, 'listAsked' | 'answer'>,
    private readonly bus: DomainEventBus,
    private readonly log: Logger,
  ) {}

  /** @throws AppError `database_unavailable` */
  async add(handle: SessionHandle, answer: FileAnswer): Promise<void> {
    if (!isOwn(handle, answer.from)) {
      this.log.warn('an answer about a file from somebody else than the own phone');
      return;
    }
    const asked = await this.media.listAsked(handle.instanceId, answer.messageId);
    for (const { one, source } of this.meant(handle, answer, asked)) {
      const found =
        source === undefined
          ? { error: 'media_not_on_phone' }
          : { sealed: handle.cipher.sealMediaSource(answer.messageId, JSON.stringify(source)) };
      const events = await this.media.answer(one.messageId, found);
      this.log.info(
        { messageId: one.messageId, isGiven: source !== undefined },
        'phone answered about a file',
      );
      if (events.length > 0) {
        this.bus.emit('events.committed', events);
      }
      this.bus.emit('media.step_changed', 'download');
    }
  }

  /** A new place is sealed with the key of the file that it is for; a refusal is not, and counts in its chat alone. */
  private meant(handle: SessionHandle, { messageId, chatJid, media }: FileAnswer, asked: AskedMedia[]) {
    if (media === undefined) {
      const chat = jidNormalizedUser(chatJid);
      const refused = asked.filter(
        (one) => asked.length === 1 || jidNormalizedUser(one.chatJid ?? '') === chat,
      );
      return refused.map((one) => ({ one, source: undefined }));
    }
    return asked.flatMap((one) => {
      try {
        const known = JSON.parse(handle.cipher.openMediaSource(messageId, one.sealed)) as MediaSource;
        const { result, directPath } = decryptMediaRetryData(
          media,
          Buffer.from(known.mediaKey, 'base64'),
          messageId,
        );
        const isGiven = result === proto.MediaRetryNotification.ResultType.SUCCESS && directPath;
        return [{ one, source: isGiven ? { ...known, directPath, url: undefined } : undefined }];
      } catch {
        return []; // Of another file, or of nobody who has its key.
      }
    });
  }
}

function isOwn({ account }: SessionHandle, from: string): boolean {
  const address = jidDecode(from);
  const own = address?.server === 'lid' ? account.lid : account.phone;
  return own !== undefined && address?.user === own;
}
