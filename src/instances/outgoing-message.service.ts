import { Injectable } from '@nestjs/common';
import type { SentText } from '../baileys/sender.js';
import { SessionsService } from '../baileys/sessions.service.js';
import { InvalidStateError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { parseRecipient } from '../common/phone-number.js';
import { HttpFault } from '../http/http-fault.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import type { SendMessageDto } from './dto/send-message.dto.js';
import { found } from './instances.service.js';

const RETRY_AFTER_SECONDS = '2';

/** Sending through an instance. */
@Injectable()
export class OutgoingMessageService {
  constructor(
    private readonly instances: InstancesRepository,
    private readonly sessions: SessionsService,
  ) {}

  /**
   * @param idempotencyKey the caller's name for this message
   * @throws NotFoundError `instance_not_found`
   * @throws InvalidStateError `instance_not_connected`, `idempotency_key_reused`
   * @throws InvalidInputError `recipient_not_on_whatsapp`
   * @throws UpstreamError `send_failed`
   * @throws HttpFault 429 `send_queue_full`
   */
  async sendText(
    scope: OrganizationScope,
    id: string,
    input: SendMessageDto,
    idempotencyKey?: string,
  ): Promise<SentText> {
    const instance = found(await this.instances.findInstance(scope, id));
    const text = { to: parseRecipient(input.to), message: input.message };
    try {
      return await this.sessions.sendText(
        instance,
        idempotencyKey === undefined ? text : { ...text, idempotencyKey },
      );
    } catch (error) {
      throw error instanceof InvalidStateError && error.code === 'send_queue_full' ? tooMany(error) : error;
    }
  }
}

function tooMany({ code, message }: InvalidStateError): HttpFault {
  return new HttpFault(429, code, message, { headers: { 'Retry-After': RETRY_AFTER_SECONDS } });
}
