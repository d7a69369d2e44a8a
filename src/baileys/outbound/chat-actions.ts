import { Injectable } from '@nestjs/common';
import {
  encryptMediaRetryRequest,
  isLidUser,
  jidNormalizedUser,
  type WASocket,
} from '@whiskeysockets/baileys';
import { LRUCache } from 'lru-cache';
import { AppError } from '../../common/app-error.js';
import { DomainEventBus } from '../../common/domain-events.js';
import { phoneVariants } from '../../common/phone-number.js';
import { withTimeout } from '../../common/with-timeout.js';
import type { Instance } from '../../repositories/instance.js';
import { logoutDevice } from '../connection/device-logout.js';
import { SessionSettings } from '../settings/session-settings.js';
import { knownLid } from '../signal/lid-lookup.js';
import type { ChatAnswer, ChatRequest, NumberInfo, ReadMessages } from './chat-request.js';
import { PresenceWatch } from './presence-watch.js';
import { RecipientResolver } from './recipient-resolver.js';

/** WhatsApp's word on a number is believed for so long, in ms: whoever asks often is taken for somebody who collects numbers. */
const NUMBER_TTL_MS = 10 * 60_000;
const MAX_NUMBERS = 5_000;

/**
 * Does on a line what concerns chats and is no message: reading, typing, watching, looking numbers up, asking the phone for files and
 * for history, logging out.
 */
@Injectable()
export class ChatActions {
  private readonly numbers = new LRUCache<string, NumberInfo>({ max: MAX_NUMBERS, ttl: NUMBER_TTL_MS });
  private readonly watches = new WeakMap<WASocket, PresenceWatch>();

  constructor(
    private readonly recipients: RecipientResolver,
    private readonly settings: SessionSettings,
    private readonly bus: DomainEventBus,
  ) {}

  /**
   * @param socket the instance's open line
   * @throws AppError `whatsapp_timeout`, `whatsapp_unavailable`, `too_many_watched`
   */
  act(
    instance: Pick<Instance, 'id' | 'organizationId'>,
    socket: WASocket,
    request: ChatRequest,
  ): Promise<ChatAnswer> {
    const late = () => new AppError('whatsapp_timeout');
    return withTimeout(this.perform(instance, socket, request), this.settings.lookupMs * 2, late);
  }

  private async perform(
    instance: Pick<Instance, 'id' | 'organizationId'>,
    socket: WASocket,
    request: ChatRequest,
  ): Promise<ChatAnswer> {
    switch (request.action) {
      case 'read':
        await this.read(socket, request.chats);
        return {};
      case 'typing':
        await socket.sendPresenceUpdate(request.state, await this.chatOf(socket, request.to));
        return {};
      case 'watch':
        return {
          watchedUntil: await this.watchOf(instance, socket).add(await this.chatOf(socket, request.to)),
        };
      case 'look_up':
        return { number: await this.lookUp(instance.id, socket, request.number) };
      case 'fetch_history':
        return { requestId: await this.fetchHistory(socket, request) };
      case 'ask_for_file':
        await this.askForFile(socket, request);
        return {};
      case 'log_out':
        if (!(await logoutDevice(socket, this.settings.lookupMs))) {
          throw new AppError('whatsapp_timeout');
        }
        return {};
    }
  }

  /** Where the account hides its own reading, WhatsApp tells its other devices alone. */
  private async read(socket: WASocket, chats: readonly ReadMessages[]): Promise<void> {
    const keys = chats.flatMap(({ chatJid, ids }) =>
      ids.map((id) => ({ remoteJid: jidNormalizedUser(chatJid), id, fromMe: false })),
    );
    await socket.readMessages(keys);
  }

  /** Has the account's own phone upload a file of a message once more. */
  private async askForFile(
    socket: WASocket,
    { chatJid, authorJid, fromMe, messageId, mediaKey }: Extract<ChatRequest, { action: 'ask_for_file' }>,
  ): Promise<void> {
    const key = { remoteJid: chatJid, id: messageId, fromMe, ...(authorJid && { participant: authorJid }) };
    const { me } = socket.authState.creds;
    await socket.sendNode(encryptMediaRetryRequest(key, Buffer.from(mediaKey, 'base64'), me!.id));
  }

  /** Asks the account's own phone, which alone is believed when it hands history over. */
  private async fetchHistory(
    socket: WASocket,
    { to, messageId: id, fromMe, sentAtMs, count }: Extract<ChatRequest, { action: 'fetch_history' }>,
  ): Promise<string> {
    const remoteJid = await this.chatOf(socket, to);
    return socket.fetchMessageHistory(count, { remoteJid, id, fromMe }, sentAtMs);
  }

  private async lookUp(instanceId: string, socket: WASocket, number: string): Promise<NumberInfo> {
    const key = `${instanceId}/${number}`;
    const known = this.numbers.get(key);
    if (known) {
      return known;
    }
    const found = await this.recipients.lookUp(socket, number);
    this.numbers.set(key, found);
    return found;
  }

  /** Never asks WhatsApp. */
  private async chatOf(socket: WASocket, to: string): Promise<string> {
    if (isLidUser(to) === true) {
      return to;
    }
    const lid = await knownLid(socket.authState.keys, phoneVariants(to));
    return lid === undefined ? `${to}@s.whatsapp.net` : `${lid}@lid`;
  }

  private watchOf({ id, organizationId }: Pick<Instance, 'id' | 'organizationId'>, socket: WASocket) {
    const known = this.watches.get(socket);
    const watch =
      known ??
      new PresenceWatch(socket, (change) =>
        this.bus.emit('chat.presence_changed', { organizationId, instanceId: id, ...change }),
      );
    this.watches.set(socket, watch);
    return watch;
  }
}
