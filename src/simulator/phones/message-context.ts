import { proto } from '@whiskeysockets/baileys';
import { SAMPLE_JPEG } from '../media-host/samples.js';
import type { ComposedMessage, MessageContext } from './message-content.js';
import { keyOf } from './perspective.js';
import type { Perspective } from './perspective.js';

const MANY_FORWARDS = 5;

/** Says of a message what it answers, whom it names, where it comes from and how long it stays. */
export function withContext(
  composed: ComposedMessage,
  context: MessageContext,
  view: Perspective,
): ComposedMessage {
  const contextInfo = contextInfoOf(context, view);
  const hasContext = Object.keys(contextInfo).length > 0;
  let { message } = composed;
  if (hasContext) {
    message = mapBody(message, (body) => ({ ...body, contextInfo }));
  }
  if (context.albumOf) {
    const messageAssociation = {
      associationType: proto.MessageAssociation.AssociationType.MEDIA_ALBUM,
      parentMessageKey: keyOf(context.albumOf, view),
    };
    message = { ...message, messageContextInfo: { messageAssociation } };
  }
  if (context.viewOnce) {
    message = { viewOnceMessageV2: { message: mapBody(message, (body) => ({ ...body, viewOnce: true })) } };
  }
  if (context.ephemeral !== undefined) {
    message = { ephemeralMessage: { message } };
  }
  return message === composed.message ? composed : { ...composed, message };
}

function contextInfoOf(context: MessageContext, view: Perspective): proto.IContextInfo {
  const { replyTo, mentions, forwarded, ad, ephemeral } = context;
  const times = typeof forwarded === 'number' ? forwarded : forwarded ? 1 : 0;
  return {
    ...(replyTo && {
      stanzaId: replyTo.id,
      participant: view.addressOf(replyTo.from),
      quotedMessage: { conversation: replyTo.text ?? '' },
    }),
    ...(mentions && { mentionedJid: [...mentions] }),
    // Beyond four, phones say „forwarded many times“ and count on from there.
    ...(times > 0 && { isForwarded: true, forwardingScore: times >= MANY_FORWARDS ? 127 : times }),
    ...(ephemeral !== undefined && { expiration: ephemeral }),
    ...(ad && {
      conversionSource: 'FB_Ads',
      entryPointConversionSource: 'ctwa_ad',
      externalAdReply: {
        title: ad.title,
        body: ad.body ?? null,
        sourceType: 'ad',
        sourceId: ad.id ?? '120210000000000000',
        sourceUrl: ad.url,
        mediaType: proto.ContextInfo.ExternalAdReplyInfo.MediaType.IMAGE,
        thumbnail: SAMPLE_JPEG,
        showAdAttribution: true,
        ctwaClid: 'ARBsimulated',
      },
    }),
  };
}

/** Changes what is in a message, within its wrappers. */
function mapBody(message: proto.IMessage, change: (body: object) => object): proto.IMessage {
  if (typeof message.conversation === 'string') {
    return { extendedTextMessage: change({ text: message.conversation }) };
  }
  const wrapped = message.documentWithCaptionMessage?.message;
  if (wrapped) {
    return { documentWithCaptionMessage: { message: mapBody(wrapped, change) } };
  }
  const [[name, body] = ['', {}], ...rest] = Object.entries(message) as [string, object][];
  return { [name]: change(body), ...Object.fromEntries(rest) };
}
