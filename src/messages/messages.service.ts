import { Injectable } from '@nestjs/common';
import { organizationOf } from '../auth/organization-of.js';
import { AppError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import type { EarlierText, Message } from '../repositories/message.js';
import { MessagesRepository } from '../repositories/messages.repository.js';
import type { Page } from '../repositories/page.js';
import type { ListMessagesDto } from './dto/list-messages.dto.js';

/** Reading messages. */
@Injectable()
export class MessagesService {
  constructor(private readonly messages: MessagesRepository) {}

  /** @throws AppError as `organizationOf` */
  listMessages(scope: OrganizationScope, query: ListMessagesDto): Promise<Page<Message>> {
    return this.messages.listMessages(organizationOf(scope, query.organization_id), {
      contactId: query.contact_id,
      groupId: query.group_id,
      instanceId: query.instance_id,
      direction: query.direction,
      status: query.status,
      type: query.type,
      sentFrom: query.sent_from,
      sentBefore: query.sent_before,
      search: query.search,
      limit: query.limit,
      cursor: query.cursor,
    });
  }

  /** @throws AppError `message_not_found`, also for another organization's */
  async getMessage(scope: OrganizationScope, id: string): Promise<Message> {
    const message = await this.messages.findMessage(scope, id);
    if (message === null) {
      throw new AppError('message_not_found');
    }
    return message;
  }

  /** @throws AppError as `getMessage` */
  async listEarlierTexts(scope: OrganizationScope, id: string): Promise<EarlierText[]> {
    await this.getMessage(scope, id);
    return this.messages.listEarlierTexts(id);
  }
}
