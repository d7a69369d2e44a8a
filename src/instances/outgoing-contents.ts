import { Injectable } from '@nestjs/common';
import type { OutgoingText } from '../baileys/outbound/send-request.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import type { OutgoingContent, OutgoingMediaType, OutgoingQuote } from '../common/outgoing-content.js';
import type { Instance } from '../repositories/instance.js';
import type { Message } from '../repositories/message.js';
import { MessagesRepository } from '../repositories/messages.repository.js';
import { assertSendable, maxBytesOf, typeOfFile } from '../uploads/sendable-file.js';
import type { StoredFile } from '../uploads/stored-file.js';
import { UploadsService } from '../uploads/uploads.service.js';
import { LinkPreviews } from '../link-previews/link-previews.js';
import type { SendMessageDto } from './dto/send-message.dto.js';
import type { ContactInput, MediaSource, ReactionInput } from './dto/send-parts.dto.js';
import { invalid, isMediaType, sendTypeOf } from './outgoing-input.js';
import { Recipients } from './recipients.js';

/** Quotes longer than this are cut: phones show less. */
const MAX_QUOTE = 1_000;

/** A message of ours or of a client, as WhatsApp names it. */
type NamedMessage = Message & { whatsappMessageId: string; chatJid: string };

/** A file that came with an input, and how it was called. */
export interface NamedFile {
  file: StoredFile;
  name: string | undefined;
}

/** Makes what is to be sent of what a caller asks for. */
@Injectable()
export class OutgoingContents {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly recipients: Recipients,
    private readonly uploads: UploadsService,
    private readonly previews: LinkPreviews,
  ) {}

  /**
   * @param asked what calls under one idempotency key must have in common
   * @param given that came with the input
   * @throws AppError `validation_failed`, `upload_not_found`, and as `UploadsService.fetch`
   */
  async build(
    instance: Instance,
    input: SendMessageDto,
    asked: string,
    given?: NamedFile,
  ): Promise<OutgoingText> {
    const type = sendTypeOf(input, given && typeOfFile(given.file));
    if (type === 'reaction') {
      return this.reaction(instance, input, input.reaction!, asked);
    }
    const to = await this.recipients.check(instance.organizationId, input.to!);
    const replyTo = input.reply_to === undefined ? undefined : await this.quote(instance, input.reply_to);
    const content = isMediaType(type)
      ? await this.media(instance, input, type, given)
      : type === 'text'
        ? await this.text(instance, input)
        : contentOf(input, type);
    const beside = { ...(replyTo && { replyTo }), ...(input.mentions && { mentions: input.mentions }) };
    return { to, message: input.message ?? '', content: { ...content, ...beside }, asked };
  }

  /** With a preview of its first link, where one is wanted and can be had. */
  async text(
    { organizationId }: Instance,
    input: SendMessageDto,
  ): Promise<Extract<OutgoingContent, { type: 'text' }>> {
    const link = this.previews.linkOf(input.message!, input.link_preview);
    const linkPreview = link === undefined ? undefined : await this.previews.of(organizationId, link);
    return { type: 'text', text: input.message!, ...(linkPreview && { linkPreview }) };
  }

  private async media(
    { organizationId }: Instance,
    input: SendMessageDto,
    type: OutgoingMediaType,
    given: NamedFile | undefined,
  ): Promise<OutgoingContent> {
    const file = given?.file ?? (await this.fileOf(organizationId, input.media!, type));
    assertSendable(type, file, given ? 'file' : 'media');
    const thumbnail = input.thumbnail && (await this.fileOf(organizationId, input.thumbnail, 'image'));
    if (thumbnail) {
      assertSendable('image', thumbnail, 'thumbnail');
    }
    const name = input.file_name ?? given?.name ?? nameIn(input.media?.url);
    return {
      type,
      file: await this.uploads.outgoing(type, file, { name, thumbnail }),
      ...(input.caption !== undefined && { caption: input.caption }),
      ...(input.view_once === true && { isViewOnce: true }),
    };
  }

  private fileOf(
    organizationId: string,
    { id, url }: MediaSource,
    type: OutgoingMediaType,
  ): Promise<StoredFile> {
    return id
      ? this.uploads.find(organizationId, id)
      : this.uploads.fetch(organizationId, url!, maxBytesOf(type));
  }

  private async quote(instance: Instance, id: string): Promise<OutgoingQuote> {
    const { whatsappMessageId, direction, content } = await this.target(instance, 'reply_to', id);
    return {
      id: whatsappMessageId,
      fromMe: direction === 'outbound',
      content: content.slice(0, MAX_QUOTE).toWellFormed(),
    };
  }

  /** It goes where the message is that it is about. */
  private async reaction(
    instance: Instance,
    input: SendMessageDto,
    { message_id: id, emoji }: ReactionInput,
    asked: string,
  ): Promise<OutgoingText> {
    const target = await this.target(instance, 'reaction', id);
    const content: OutgoingContent = {
      type: 'reaction',
      target: { id: target.whatsappMessageId, fromMe: target.direction === 'outbound' },
      emoji,
    };
    if (input.to !== undefined) {
      await this.recipients.check(instance.organizationId, input.to);
    }
    return { ...addressOf(target), message: emoji, content, asked, changeOf: target.id };
  }

  private async target(instance: Instance, path: string, id: string): Promise<NamedMessage> {
    const scope: OrganizationScope = { organizationIds: [instance.organizationId] };
    const message = await this.messages.findMessage(scope, id);
    if (!message || message.instanceId !== instance.id) {
      throw invalid([{ path, message: 'is no message of this instance' }]);
    }
    if (message.groupId !== null) {
      throw invalid([{ path, message: 'is a message of a group, to which the API sends nothing' }]);
    }
    if (!isNamed(message)) {
      throw invalid([{ path, message: 'is a message that WhatsApp has no id for' }]);
    }
    return message;
  }
}

/** @returns where a message is, so that what changes it goes to the same chat */
export function addressOf({ chatJid }: { chatJid: string }): Pick<OutgoingText, 'to' | 'address'> {
  const [user = '', server] = chatJid.split('@');
  // Without the device; c.us is an old name of s.whatsapp.net.
  const digits = user.split(/[:_]/)[0]!;
  return server === 'lid'
    ? { to: `${digits}@lid`, address: { chatJid: `${digits}@lid`, phone: '', lid: digits } }
    : { to: digits, address: { chatJid: `${digits}@s.whatsapp.net`, phone: digits } };
}

function isNamed(message: Message): message is NamedMessage {
  return message.whatsappMessageId !== null && message.chatJid !== null;
}

function contentOf(input: SendMessageDto, type: string): OutgoingContent {
  switch (type) {
    case 'location': {
      const { latitude, longitude, name, address } = input.location!;
      return {
        type,
        latitude,
        longitude,
        ...(name && { name }),
        ...(address && { address }),
      };
    }
    case 'contact':
      return { type, contacts: [input.contact!].flat().map(toContact) };
    case 'poll': {
      const { question, options, selectable } = input.poll!;
      return { type, question, options, selectable: selectable ?? 1 };
    }
    default:
      throw new Error(`no content of type ${type} without a file`);
  }
}

function toContact({ name, phone_numbers: phoneNumbers }: ContactInput) {
  return { name, phoneNumbers };
}

/** What a file is called at its address. */
function nameIn(url: string | null | undefined): string | undefined {
  const last = url ? new URL(url).pathname.split('/').at(-1) : undefined;
  try {
    return last ? decodeURIComponent(last) : undefined;
  } catch {
    return last;
  }
}
