import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { SentText } from '../baileys/outbound/message-sender.js';
import { SessionsService } from '../baileys/sessions.service.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import type { OperationEntry } from '../repositories/audit.repository.js';
import type { Instance } from '../repositories/instance.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import { MessagesRepository } from '../repositories/messages.repository.js';
import { LinkPreviews } from '../link-previews/link-previews.js';
import type { SendMessageDto } from './dto/send-message.dto.js';
import type { OutgoingText } from '../baileys/outbound/send-request.js';
import type { IncomingFile } from '../media-store/media-workspace.js';
import { readForm } from '../uploads/multipart.js';
import { MAX_FILE_BYTES, UploadsService } from '../uploads/uploads.service.js';
import { found } from './instances.service.js';
import { formInput } from './form-input.js';
import { OutgoingContents } from './outgoing-contents.js';
import { isPlainText, sendTypeOf } from './outgoing-input.js';
import { Recipients } from './recipients.js';

/** A file that came with a call. */
export interface GivenFile {
  file: IncomingFile;
  name: string | undefined;
}

/** Sending through an instance. */
@Injectable()
export class OutgoingMessageService {
  constructor(
    private readonly instances: InstancesRepository,
    private readonly sessions: SessionsService,
    private readonly recipients: Recipients,
    private readonly contents: OutgoingContents,
    private readonly uploads: UploadsService,
    private readonly previews: LinkPreviews,
    private readonly messages: MessagesRepository,
  ) {}

  /**
   * @param idempotencyKey the caller's name for this message
   * @param known.read the instance as it was read already, if it was
   * @param known.operation the entry of the audit log about the call
   * @throws AppError `instance_not_found`
   * @throws AppError `instance_not_connected`, `idempotency_key_reused`, `send_queue_full`, `too_many_requests`
   * @throws AppError `validation_failed`, `recipient_not_on_whatsapp`
   * @throws AppError a `SendFailureCode`
   */
  async send(
    scope: OrganizationScope,
    id: string,
    input: SendMessageDto,
    idempotencyKey?: string,
    known: {
      read?: Instance | null | undefined;
      operation?: OperationEntry | undefined;
      file?: GivenFile | undefined;
    } = {},
  ): Promise<SentText> {
    const instance = found(await this.instances.findInstance(scope, id, { read: known.read }));
    const text = await this.outgoing(instance, input, idempotencyKey, known.file);
    return this.sessions.sendText(
      instance,
      idempotencyKey === undefined ? text : { ...text, idempotencyKey },
      known.operation,
    );
  }

  /**
   * As `send`, of a form with the file as its part `file`.
   * @throws AppError as `send`, and `media_too_large`, `media_quota_exceeded`, `media_disk_full`, `media_store_unavailable`
   */
  async sendForm(
    scope: OrganizationScope,
    id: string,
    request: IncomingMessage,
    idempotencyKey: string | undefined,
    known: { read?: Instance | null | undefined; operation?: OperationEntry | undefined },
  ): Promise<SentText> {
    found(await this.instances.findInstance(scope, id, { read: known.read }));
    const { fields, file } = await readForm<GivenFile>(
      request,
      async ({ stream, fileName }) => ({
        file: await this.uploads.receive(stream, MAX_FILE_BYTES),
        name: fileName,
      }),
      (given) => this.uploads.discard(given.file),
    );
    try {
      const input = await formInput(fields);
      return await this.send(scope, id, input, idempotencyKey, { ...known, file });
    } finally {
      if (file) {
        await this.uploads.discard(file.file);
      }
    }
  }

  /** A plain text takes the short way. What is stored under its key already calls nobody a second time. */
  private async outgoing(
    instance: Instance,
    input: SendMessageDto,
    idempotencyKey: string | undefined,
    given?: GivenFile,
  ): Promise<OutgoingText> {
    if (given) {
      const file = await this.uploads.keep(instance.organizationId, given.file);
      const asked = JSON.stringify([input, file.sha256]);
      return this.contents.build(instance, input, asked, { file, name: given.name });
    }
    sendTypeOf(input);
    const { message = '' } = input;
    const hasPreview = this.previews.linkOf(message, input.link_preview) !== undefined;
    const asked = isPlainText(input) ? undefined : JSON.stringify(input);
    if (idempotencyKey !== undefined && (input.media !== undefined || hasPreview)) {
      if (await this.messages.findOutbound(instance.id, idempotencyKey)) {
        const to = await this.recipients.check(instance.organizationId, input.to!);
        return { to, message, asked, isRepeat: true };
      }
    }
    if (asked !== undefined) {
      return this.contents.build(instance, input, asked);
    }
    const to = await this.recipients.check(instance.organizationId, input.to!);
    const content = hasPreview ? await this.contents.text(instance, input) : undefined;
    return { to, message, ...(content?.linkPreview && { content }) };
  }
}
