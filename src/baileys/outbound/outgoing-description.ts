import { hasFile, type OutgoingContent } from '../../common/outgoing-content.js';
import type { OutboundDetail } from '../../repositories/outbound-message.js';
import { readContent } from '../decoding/message-content.js';
import type { UploadedFile } from './media-upload.js';
import { isChange, outgoingMessage } from './outgoing-proto.js';
import type { OutgoingText } from './send-request.js';

/** Stands for what is known once a file was uploaded: nothing of it is shown. */
const NOWHERE: UploadedFile = {
  url: '',
  directPath: '',
  mediaKey: new Uint8Array(),
  fileSha256: new Uint8Array(),
  fileEncSha256: new Uint8Array(),
  fileLength: 0,
};

const OURS = { chatKind: 'direct', fromMe: true, account: {} } as const;

/** What the row of a message says that is more than a plain text. */
export interface OutgoingDescription {
  content: string;
  contentType: string;
  detail: OutboundDetail;
}

/** @returns how a message is shown: with the words of a received one of its kind */
export function describeOutgoing(
  content: OutgoingContent,
  { changeOf }: Pick<OutgoingText, 'changeOf'>,
): OutgoingDescription {
  const { replyTo, mentions } = content;
  return {
    ...wordsOf(content),
    detail: {
      // A change shows nothing by itself.
      type: isChange(content) ? 'text' : content.type,
      metadata: metadataOf(content),
      replyTo: replyTo && {
        whatsappMessageId: replyTo.id,
        fromMe: replyTo.fromMe,
        content: replyTo.content,
      },
      mentions,
      isViewOnce: hasFile(content) && content.isViewOnce,
      request: content,
      changeOf,
    },
  };
}

function wordsOf(content: OutgoingContent): { content: string; contentType: string } {
  switch (content.type) {
    case 'reaction':
      return { content: content.emoji, contentType: 'reactionMessage' };
    case 'edit':
      return { content: content.text, contentType: 'protocolMessage' };
    case 'delete':
      return { content: '', contentType: 'protocolMessage' };
    default: {
      const context = { chatJid: '', ownJid: '', now: 0, uploaded: NOWHERE };
      const { text, contentType } = readContent(outgoingMessage(content, context), OURS);
      return { content: text, contentType };
    }
  }
}

function metadataOf(content: OutgoingContent): object | undefined {
  switch (content.type) {
    case 'location': {
      const { latitude, longitude, name, address } = content;
      return { latitude, longitude, ...(name && { name }), ...(address && { address }) };
    }
    case 'contact':
      return {
        contacts: content.contacts.map(({ name, phoneNumbers }) => ({ name, phone_numbers: phoneNumbers })),
      };
    case 'poll': {
      const { question, options, selectable } = content;
      return { question, options: options.map((name) => ({ name, votes: 0 })), selectable };
    }
    case 'text': {
      const { linkPreview } = content;
      return (
        linkPreview && {
          link_preview: {
            url: linkPreview.matchedText,
            title: linkPreview.title,
            description: linkPreview.description,
          },
        }
      );
    }
    default:
      return undefined;
  }
}
