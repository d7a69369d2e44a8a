import { Injectable } from '@nestjs/common';
import { SessionsService } from '../baileys/sessions.service.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { parseRecipient } from '../common/phone-number.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import type { SendMessageDto } from './dto/send-message.dto.js';
import { found } from './instances.service.js';
import type { SentMessageResponse } from './sent-message.response.js';

/** Sending through an instance. */
@Injectable()
export class OutgoingMessageService {
  constructor(
    private readonly instances: InstancesRepository,
    private readonly sessions: SessionsService,
  ) {}

  /**
   * @throws NotFoundError `instance_not_found`
   * @throws InvalidStateError `instance_not_connected`
   * @throws InvalidInputError `recipient_not_on_whatsapp`
   */
  async sendText(scope: OrganizationScope, id: string, input: SendMessageDto): Promise<SentMessageResponse> {
    const instance = found(await this.instances.findInstance(scope, id));
    const to = parseRecipient(input.to);
    const sent = await this.sessions.sendText(instance, { to, message: input.message });
    return {
      success: true,
      message_id: sent.messageId,
      whatsapp_message_id: sent.whatsappMessageId,
      status: sent.status,
    };
  }
}
