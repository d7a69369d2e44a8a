import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { SentText } from '../baileys/outbound/message-sender.js';
import { SessionsService } from '../baileys/sessions.service.js';
import { AppError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import type { OutgoingContent, OutgoingTarget } from '../common/outgoing-content.js';
import type { OperationEntry } from '../repositories/audit.repository.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import type { Message, MessageStatus } from '../repositories/message.js';
import { MessagesRepository } from '../repositories/messages.repository.js';
import { found } from './instances.service.js';
import { addressOf } from './outgoing-contents.js';

/** How long WhatsApp lets a text be edited, in ms. */
const EDIT_MS = 15 * 60_000;
/** How long a message can be taken back for everyone, in ms. */
const DELETE_MS = 60 * 60 * 60_000;
/** How long it may take that an outcome which a caller was told is stored, in ms, and how often that is looked at meanwhile. */
const STORED_MS = 5_000;
const LOOK_MS = 50;
const ARRIVED: readonly MessageStatus[] = ['sent', 'delivered', 'read', 'played'];
const TEXTS: readonly string[] = ['text', 'extendedTextMessage'];

/** Changing what was sent. */
@Injectable()
export class MessageChangesService {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly instances: InstancesRepository,
    private readonly sessions: SessionsService,
  ) {}

  /** @throws AppError `message_not_found`, `message_not_editable`, and as sending does */
  edit(
    scope: OrganizationScope,
    id: string,
    text: string,
    operation: OperationEntry | undefined,
  ): Promise<SentText> {
    return this.change(scope, id, operation, (message, target) => {
      if (!TEXTS.includes(message.contentType)) {
        throw new AppError('message_not_editable', { message: 'Only texts can be edited.' });
      }
      if (Date.now() - Date.parse(message.sentAt) > EDIT_MS) {
        throw new AppError('message_not_editable', {
          message: 'WhatsApp lets a message be edited within 15 minutes, and this one is older.',
        });
      }
      return { type: 'edit', target, text };
    });
  }

  /** @throws AppError `message_not_found`, `message_not_deletable`, and as sending does */
  remove(scope: OrganizationScope, id: string, operation: OperationEntry | undefined): Promise<SentText> {
    return this.change(scope, id, operation, (message, target) => {
      if (Date.now() - Date.parse(message.sentAt) > DELETE_MS) {
        throw new AppError('message_not_deletable', {
          message: 'WhatsApp lets a message be taken back within 60 hours, and this one is older.',
        });
      }
      return { type: 'delete', target };
    });
  }

  private async change(
    scope: OrganizationScope,
    id: string,
    operation: OperationEntry | undefined,
    contentOf: (message: Message, target: OutgoingTarget) => OutgoingContent,
  ): Promise<SentText> {
    const message = await this.withOutcome(scope, id);
    const { direction, whatsappMessageId, chatJid, status, groupId } = message;
    if (groupId !== null) {
      throw new AppError('message_not_own', {
        message: 'Messages of groups are changed on the phone: the API sends nothing to groups.',
      });
    }
    const isOurs = direction === 'outbound' && ARRIVED.includes(status);
    if (!isOurs || whatsappMessageId === null || chatJid === null) {
      throw new AppError('message_not_own');
    }
    const content = contentOf(message, { id: whatsappMessageId, fromMe: true });
    const instance = found(await this.instances.findInstance(scope, message.instanceId, {}));
    return this.sessions.sendText(
      instance,
      {
        ...addressOf({ chatJid }),
        message: content.type === 'edit' ? content.text : '',
        content,
        asked: JSON.stringify(content),
        changeOf: message.id,
      },
      operation,
    );
  }

  /** A caller is told that a message was sent before that is stored: until then it is looked at again. */
  private async withOutcome(scope: OrganizationScope, id: string): Promise<Message> {
    const until = Date.now() + STORED_MS;
    for (;;) {
      const message = await this.messages.findMessage(scope, id);
      if (!message) {
        throw new AppError('message_not_found');
      }
      if (message.status !== 'pending' || Date.now() >= until) {
        return message;
      }
      await delay(LOOK_MS);
    }
  }
}
