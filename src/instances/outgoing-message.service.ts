import { Injectable } from '@nestjs/common';
import type { SentText } from '../baileys/outbound/message-sender.js';
import { SessionsService } from '../baileys/sessions.service.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import type { OperationEntry } from '../repositories/audit.repository.js';
import type { Instance } from '../repositories/instance.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import type { SendMessageDto } from './dto/send-message.dto.js';
import type { OutgoingText } from '../baileys/outbound/send-request.js';
import { found } from './instances.service.js';
import { OutgoingContents } from './outgoing-contents.js';
import { isPlainText, sendTypeOf } from './outgoing-input.js';
import { Recipients } from './recipients.js';

/** Sending through an instance. */
@Injectable()
export class OutgoingMessageService {
  constructor(
    private readonly instances: InstancesRepository,
    private readonly sessions: SessionsService,
    private readonly recipients: Recipients,
    private readonly contents: OutgoingContents,
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
    known: { read?: Instance | null | undefined; operation?: OperationEntry | undefined } = {},
  ): Promise<SentText> {
    const instance = found(await this.instances.findInstance(scope, id, { read: known.read }));
    const text = await this.outgoing(instance, input);
    return this.sessions.sendText(
      instance,
      idempotencyKey === undefined ? text : { ...text, idempotencyKey },
      known.operation,
    );
  }

  /** A plain text takes the short way. */
  private async outgoing(instance: Instance, input: SendMessageDto): Promise<OutgoingText> {
    sendTypeOf(input);
    if (!isPlainText(input)) {
      return this.contents.build(instance, input, JSON.stringify(input));
    }
    const to = await this.recipients.check(instance.organizationId, input.to!);
    return { to, message: input.message! };
  }
}
