import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { isLidUser, jidNormalizedUser, proto } from '@whiskeysockets/baileys';
import { hasCode } from '../../common/app-error.js';
import type { OutgoingFiles } from '../../common/outgoing-files.js';
import { hasFile, type OutgoingContent } from '../../common/outgoing-content.js';
import { FairSemaphore } from '../../common/fair-semaphore.js';
import type { MessagesRepository } from '../../repositories/messages.repository.js';
import type { OutboundMessage } from '../../repositories/outbound-message.js';
import { isUnavailable } from '../storage/commit-fault.js';
import type { OutboundSettings } from '../settings/outbound-settings.js';
import { type UploadedFile, uploadMedia } from './media-upload.js';
import { outgoingMessage } from './outgoing-proto.js';
import type { SendConnection } from './send-connection.js';

/** The message was erased before it could leave. */
export class MessageGoneError extends Error {
  constructor() {
    super('message_deleted');
  }
}

export interface MakerParts {
  messages: Pick<MessagesRepository, 'prepareOutbound'>;
  files: OutgoingFiles;
  settings: OutboundSettings;
  /** Where files go instead of WhatsApp's own hosts. */
  mediaOrigin: string | undefined;
}

/**
 * Makes what is encrypted for a message that is more than a plain text, and keeps it before it is written for the first time: written
 * again, after a crash, too, it is the same message, and its file is not uploaded twice.
 */
export class MessageMaker {
  private readonly uploads: FairSemaphore;

  constructor(private readonly parts: MakerParts) {
    const { maxUploads, maxUploadsOfOne } = parts.settings;
    this.uploads = new FairSemaphore(maxUploads, maxUploadsOfOne);
  }

  /**
   * @returns the message's bytes
   * @throws MessageGoneError
   * @throws a fault of the database, of the connection, or of bringing the file to WhatsApp
   */
  async make(
    connection: SendConnection,
    { messageId, organizationId, chatJid, request }: OutboundMessage & { request: OutgoingContent },
  ): Promise<Uint8Array> {
    const uploaded = hasFile(request)
      ? await this.uploads.run(
          organizationId,
          () => this.upload(connection, organizationId, request),
          connection.ended,
        )
      : undefined;
    const { me } = connection.socket.authState.creds;
    const ownJid = jidNormalizedUser((isLidUser(chatJid) === true ? me?.lid : undefined) ?? me?.id);
    const message = outgoingMessage(request, { chatJid, ownJid, now: Date.now(), uploaded });
    const bytes = proto.Message.encode(message).finish();
    if (!(await this.kept(connection, messageId, bytes))) {
      throw new MessageGoneError();
    }
    return bytes;
  }

  /** A database that is away is waited for, so that a file is not uploaded again. */
  private async kept(connection: SendConnection, messageId: string, bytes: Uint8Array): Promise<boolean> {
    const { messages, settings } = this.parts;
    const sealed = connection.seal(messageId, bytes);
    for (;;) {
      try {
        return await messages.prepareOutbound(messageId, connection.epoch, sealed);
      } catch (error) {
        if (!isUnavailable(error)) {
          throw error;
        }
        await delay(settings.pauseMs, undefined, { signal: connection.ended, ref: false });
      }
    }
  }

  private async upload(
    { socket, ended }: SendConnection,
    organizationId: string,
    { type, file }: Extract<OutgoingContent, { file: object }>,
  ): Promise<UploadedFile> {
    const { files, settings, mediaOrigin } = this.parts;
    const { leastMs, perByteMs } = settings.upload;
    const late = AbortSignal.timeout(Math.ceil(leastMs + file.size * perByteMs));
    const signal = AbortSignal.any([ended, late]);
    return uploadMedia({
      socket,
      type,
      file,
      open: () => this.opened(() => files.open(organizationId, file), signal),
      origin: mediaOrigin,
      signal,
    });
  }

  /** A store that is away for a moment is waited for. */
  private async opened(open: () => Promise<Readable>, signal: AbortSignal): Promise<Readable> {
    for (;;) {
      try {
        return await open();
      } catch (error) {
        if (!hasCode(error, 'media_store_unavailable') || signal.aborted) {
          throw error;
        }
        await delay(this.parts.settings.pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }
}
