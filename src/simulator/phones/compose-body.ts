import { randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import type { Body, ComposedMessage } from './message-content.js';
import { SAMPLE_JPEG } from '../media-host/samples.js';
import type { Perspective } from './perspective.js';

type Kinds = Body extends infer Each ? (Each extends unknown ? keyof Each : never) : never;
type Kind = Exclude<Kinds, 'image' | 'video' | 'document' | 'audio' | 'sticker' | 'preview'>;
type Of<K extends Kind> = Extract<Body, Readonly<Record<K, unknown>>>;
type Composer<K extends Kind> = (content: Of<K>, view: Perspective) => ComposedMessage;

const media = (mediatype: string, message: proto.IMessage): ComposedMessage => ({
  type: 'media',
  mediatype,
  message,
});
const text = (message: proto.IMessage): ComposedMessage => ({ type: 'text', message });

/** How each kind without a file becomes a message. */
const COMPOSERS: { readonly [K in Kind]: Composer<K> } = {
  text: (content) => {
    const { preview } = content;
    const link = preview && {
      matchedText: preview.url,
      title: preview.title,
      description: preview.description ?? null,
      jpegThumbnail: SAMPLE_JPEG,
    };
    return text({ extendedTextMessage: { text: content.text, ...link } });
  },
  album: ({ album: { images = 0, videos = 0 } }) =>
    text({ albumMessage: { expectedImageCount: images, expectedVideoCount: videos } }),
  location: ({ location: { latitude, longitude, name, address } }) => {
    const locationMessage = {
      degreesLatitude: latitude,
      degreesLongitude: longitude,
      ...(name && { name }),
      ...(address && { address }),
    };
    return media('location', { locationMessage });
  },
  liveLocation: ({ liveLocation: { latitude, longitude, caption, speed, sequence = 1 } }) => {
    const liveLocationMessage = {
      degreesLatitude: latitude,
      degreesLongitude: longitude,
      accuracyInMeters: 10,
      sequenceNumber: sequence,
      ...(speed !== undefined && { speedInMps: speed }),
      ...(caption && { caption }),
    };
    return media('livelocation', { liveLocationMessage });
  },
  contact: ({ contact }) => media('vcard', { contactMessage: contact }),
  contacts: ({ contacts }) =>
    media('contact_array', {
      contactsArrayMessage: { displayName: `${contacts.length} contacts`, contacts: [...contacts] },
    }),
  poll: ({ poll: { question, options, selectable = 1 } }) => {
    const poll = {
      name: question,
      options: options.map((optionName) => ({ optionName })),
      selectableOptionsCount: selectable,
    };
    const message = selectable === 1 ? { pollCreationMessageV3: poll } : { pollCreationMessage: poll };
    return { type: 'poll', meta: { polltype: 'creation' }, message };
  },
  event: ({ event: { name, description, startsAt, place, canceled = false } }) => {
    const eventMessage = {
      name,
      isCanceled: canceled,
      ...(description && { description }),
      startTime: Math.floor(new Date(startsAt ?? Date.now() + 86_400_000).getTime() / 1000),
      ...(place && {
        location: {
          degreesLatitude: place.latitude,
          degreesLongitude: place.longitude,
          name: place.name ?? null,
        },
      }),
    };
    return { type: 'event', meta: { event_type: 'creation' }, message: { eventMessage } };
  },
  buttons: ({ buttons: { text: contentText, buttons } }) => {
    const rows = buttons.map((displayText, at) => ({
      buttonId: String(at + 1),
      buttonText: { displayText },
      type: proto.Message.ButtonsMessage.Button.Type.RESPONSE,
    }));
    return text({ buttonsMessage: { contentText, buttons: rows } });
  },
  buttonReply: ({ buttonReply: { id, text: selectedDisplayText } }) =>
    text({ buttonsResponseMessage: { selectedButtonId: id, selectedDisplayText, type: 1 } }),
  list: ({ list: { text: description, button, rows } }) => {
    const { SINGLE_SELECT } = proto.Message.ListMessage.ListType;
    const section = { title: '', rows: rows.map((title, at) => ({ title, rowId: String(at + 1) })) };
    return text({
      listMessage: { description, buttonText: button, listType: SINGLE_SELECT, sections: [section] },
    });
  },
  listReply: ({ listReply: { id, title, description } }) =>
    text({
      listResponseMessage: {
        title,
        listType: proto.Message.ListResponseMessage.ListType.SINGLE_SELECT,
        singleSelectReply: { selectedRowId: id },
        ...(description && { description }),
      },
    }),
  templateReply: ({ templateReply: { id, text: selectedDisplayText, index = 0 } }) =>
    text({ templateButtonReplyMessage: { selectedId: id, selectedDisplayText, selectedIndex: index } }),
  flowReply: ({ flowReply: { name, text: body = '', answers } }) =>
    text({
      interactiveResponseMessage: {
        body: { text: body },
        nativeFlowResponseMessage: { name, paramsJson: JSON.stringify(answers), version: 3 },
      },
    }),
  order: ({ order: { id, title, items, amount1000, currency, message } }, view) =>
    media('order', {
      orderMessage: {
        orderId: id,
        orderTitle: title,
        itemCount: items,
        totalAmount1000: amount1000,
        totalCurrencyCode: currency,
        sellerJid: view.chatAddress,
        token: randomBytes(18).toString('base64'),
        status: proto.Message.OrderMessage.OrderStatus.INQUIRY,
        surface: proto.Message.OrderMessage.OrderSurface.CATALOG,
        ...(message && { message }),
      },
    }),
  product: ({ product: { id, title, description, amount1000, currency, url } }, view) =>
    media('product', {
      productMessage: {
        businessOwnerJid: view.chatAddress,
        product: {
          productId: id,
          title,
          description: description ?? null,
          priceAmount1000: amount1000 ?? null,
          currencyCode: currency ?? null,
          url: url ?? null,
        },
      },
    }),
  invite: ({ invite: { group, name, code } }) =>
    text({
      groupInviteMessage: {
        groupJid: group,
        groupName: name,
        inviteCode: code,
        inviteExpiration: Math.floor(Date.now() / 1000) + 259_200,
      },
    }),
  payment: ({ payment: { amount1000, currency, note } }, view) =>
    text({
      requestPaymentMessage: {
        currencyCodeIso4217: currency,
        amount1000,
        requestFrom: view.addressOf(view.author),
        ...(note && { noteMessage: { extendedTextMessage: { text: note } } }),
      },
    }),
  callLog: ({ callLog: { video = false, missed = true, seconds = 0 } }) => {
    const { MISSED, CONNECTED } = proto.Message.CallLogMessage.CallOutcome;
    const callOutcome = missed ? MISSED : CONNECTED;
    return text({ callLogMesssage: { isVideo: video, callOutcome, durationSecs: seconds } });
  },
};

/** Turns a content without a file into a message and its labels. Throws for one that nobody knows. */
export function composeBody(content: Body, view: Perspective): ComposedMessage {
  const kind = Object.keys(COMPOSERS).find((each) => each in content) as Kind | undefined;
  if (!kind) {
    throw new Error('unknown content');
  }
  return (COMPOSERS[kind] as (body: Body, seen: Perspective) => ComposedMessage)(content, view);
}
