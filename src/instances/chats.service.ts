import { Injectable } from '@nestjs/common';
import type { ChatAnswer, NumberInfo, TypingState } from '../baileys/outbound/chat-request.js';
import { SessionsService } from '../baileys/sessions.service.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { parsePhoneNumber } from '../common/phone-number.js';
import type { Instance } from '../repositories/instance.js';
import { HistoryRepository } from '../repositories/history.repository.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import { found } from './instances.service.js';
import { invalid } from './outgoing-input.js';
import { Recipients } from './recipients.js';

/** Which instance, as the guard may have read it already. */
export interface ChatOf {
  scope: OrganizationScope;
  id: string;
  read: Instance | null | undefined;
}

/** What an instance does about chats and numbers besides sending. */
@Injectable()
export class ChatsService {
  constructor(
    private readonly instances: InstancesRepository,
    private readonly sessions: SessionsService,
    private readonly recipients: Recipients,
    private readonly history: HistoryRepository,
  ) {}

  /** @throws AppError as `SessionsService.act`, `instance_not_found`, `validation_failed` */
  async show(chat: ChatOf, to: string, state: TypingState): Promise<void> {
    const instance = await this.instanceOf(chat);
    const checked = await this.recipients.check(instance.organizationId, to);
    await this.sessions.act(instance, { action: 'typing', to: checked, state });
  }

  /** @returns when watching ends; throws as `show` */
  async watch(chat: ChatOf, to: string): Promise<ChatAnswer['watchedUntil']> {
    const instance = await this.instanceOf(chat);
    const checked = await this.recipients.check(instance.organizationId, to);
    return (await this.sessions.act(instance, { action: 'watch', to: checked })).watchedUntil;
  }

  /** @throws AppError as `show`, `invalid_phone_number` */
  async lookUp(chat: ChatOf, number: string): Promise<NumberInfo> {
    const instance = await this.instanceOf(chat);
    const { number: info } = await this.sessions.act(instance, {
      action: 'look_up',
      number: parsePhoneNumber(number),
    });
    return info!;
  }

  /**
   * Asks the phone for what is older than the oldest message of a chat that is known.
   * @returns the id of the request
   * @throws AppError as `show`
   */
  async fetchHistory(chat: ChatOf, contactId: string, count: number): Promise<string> {
    const instance = await this.instanceOf(chat);
    if (instance.historyPolicy === 'ignore') {
      throw invalid([{ path: '', message: '`history` of the instance is ignore: nothing would be kept' }]);
    }
    const anchor = await this.history.anchorOf(instance.organizationId, instance.id, contactId);
    const to = anchor?.lid === undefined ? anchor?.phone : `${anchor.lid}@lid`;
    if (!anchor || to === undefined) {
      throw invalid([{ path: 'contact_id', message: 'is no contact with messages of this instance' }]);
    }
    const { messageId, fromMe, sentAt } = anchor;
    const { requestId } = await this.sessions.act(instance, {
      action: 'fetch_history',
      to,
      messageId,
      fromMe,
      sentAtMs: sentAt.getTime(),
      count,
    });
    return requestId!;
  }

  private async instanceOf({ scope, id, read }: ChatOf): Promise<Instance> {
    return found(await this.instances.findInstance(scope, id, { read }));
  }
}
