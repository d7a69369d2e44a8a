import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { readContent } from './message-content.js';

const ofAna = { chatKind: 'direct', fromMe: false, account: { phone: '5511999887766', lid: '111' } } as const;

/** Through the wire format, so that the tables face what decoding really gives. */
function read(message: proto.IMessage): ReturnType<typeof readContent> {
  return readContent(proto.Message.decode(proto.Message.encode(message).finish()), ofAna);
}

const deeply = (message: proto.IMessage, times: number): proto.IMessage =>
  times === 0 ? message : { ephemeralMessage: { message: deeply(message, times - 1) } };

describe('readContent', () => {
  it.each<[keyof proto.IMessage, proto.IMessage, string, string]>([
    ['conversation', { conversation: 'oi' }, 'text', 'oi'],
    [
      'extendedTextMessage',
      { extendedTextMessage: { text: 'see https://a.example' } },
      'text',
      'see https://a.example',
    ],
    [
      'extendedTextMessage',
      { extendedTextMessage: { matchedText: 'https://a.example' } },
      'text',
      'https://a.example',
    ],
    [
      'buttonsResponseMessage',
      { buttonsResponseMessage: { selectedDisplayText: 'Yes', selectedButtonId: 'y' } },
      'text',
      'Yes',
    ],
    ['buttonsResponseMessage', { buttonsResponseMessage: { selectedButtonId: 'y' } }, 'text', 'y'],
    [
      'templateButtonReplyMessage',
      { templateButtonReplyMessage: { selectedDisplayText: 'Ok' } },
      'text',
      'Ok',
    ],
    [
      'listResponseMessage',
      { listResponseMessage: { singleSelectReply: { selectedRowId: 'row' } } },
      'text',
      'row',
    ],
    [
      'interactiveResponseMessage',
      { interactiveResponseMessage: { body: { text: 'Sure' } } },
      'text',
      'Sure',
    ],
    [
      'interactiveResponseMessage',
      { interactiveResponseMessage: { nativeFlowResponseMessage: { paramsJson: '{"id":"r1"}' } } },
      'text',
      'r1',
    ],
    [
      'interactiveResponseMessage',
      { interactiveResponseMessage: { nativeFlowResponseMessage: { name: 'flow', paramsJson: '{oops' } } },
      'text',
      '[reply] flow',
    ],
    [
      'interactiveResponseMessage',
      { interactiveResponseMessage: { nativeFlowResponseMessage: { paramsJson: 'null' } } },
      'text',
      '[reply]',
    ],
    ['buttonsMessage', { buttonsMessage: { contentText: 'Pick' } }, 'text', 'Pick'],
    [
      'templateMessage',
      { templateMessage: { hydratedTemplate: { hydratedContentText: 'Hello' } } },
      'text',
      'Hello',
    ],
    ['listMessage', { listMessage: { title: 'Menu', description: 'Today' } }, 'text', 'Menu\nToday'],
    ['interactiveMessage', { interactiveMessage: { body: { text: 'Offer' } } }, 'text', 'Offer'],
    ['imageMessage', { imageMessage: { caption: 'my cat' } }, 'media', 'my cat'],
    ['imageMessage', { imageMessage: {} }, 'media', '[image]'],
    ['imageMessage', { imageMessage: { caption: '\0' } }, 'media', '[imageMessage]'],
    ['videoMessage', { videoMessage: {} }, 'media', '[video]'],
    ['ptvMessage', { ptvMessage: {} }, 'media', '[video note]'],
    ['documentMessage', { documentMessage: { fileName: 'a.pdf' } }, 'media', 'a.pdf'],
    ['audioMessage', { audioMessage: { ptt: true, seconds: 65 } }, 'media', '[voice message 1:05]'],
    ['audioMessage', { audioMessage: { seconds: 65 } }, 'media', '[audio]'],
    ['stickerMessage', { stickerMessage: {} }, 'media', '[sticker]'],
    [
      'albumMessage',
      { albumMessage: { expectedImageCount: 3, expectedVideoCount: 1 } },
      'media',
      '[album] 3 images, 1 video',
    ],
    [
      'locationMessage',
      { locationMessage: { name: 'Café', degreesLatitude: -23.5, degreesLongitude: -46.6 } },
      'other',
      '[location] Café, (-23.5, -46.6)',
    ],
    ['locationMessage', { locationMessage: {} }, 'other', '[location]'],
    ['liveLocationMessage', { liveLocationMessage: { caption: 'here' } }, 'other', '[live location] here'],
    [
      'contactMessage',
      { contactMessage: { displayName: 'Bia', vcard: 'TEL;waid=5511988887777:+55' } },
      'other',
      '[contact] Bia +5511988887777',
    ],
    [
      'contactsArrayMessage',
      { contactsArrayMessage: { contacts: [{ displayName: 'A' }, { displayName: 'B' }] } },
      'other',
      '[contacts] A, B',
    ],
    [
      'pollCreationMessageV3',
      { pollCreationMessageV3: { name: 'When?', options: [{ optionName: 'Mon' }, {}] } },
      'other',
      '[poll] When?\n- Mon\n- ',
    ],
    [
      'orderMessage',
      {
        orderMessage: { orderTitle: 'Cake', itemCount: 2, totalAmount1000: 12_500, totalCurrencyCode: 'BRL' },
      },
      'other',
      '[order] Cake, 2 items, BRL 12.50',
    ],
    ['productMessage', { productMessage: { product: { title: 'Cut' } } }, 'other', '[product] Cut'],
    ['eventMessage', { eventMessage: { name: 'Party' } }, 'other', '[event] Party'],
    [
      'groupInviteMessage',
      { groupInviteMessage: { groupName: 'Friends' } },
      'other',
      '[group invite] Friends',
    ],
    [
      'sendPaymentMessage',
      { sendPaymentMessage: { noteMessage: { conversation: 'rent' } } },
      'other',
      '[payment] rent',
    ],
    ['requestPhoneNumberMessage', { requestPhoneNumberMessage: {} }, 'other', '[phone number request]'],
    ['placeholderMessage', { placeholderMessage: {} }, 'other', '[message that only the phone shows]'],
    ['chat', { chat: { displayName: 'x' } }, 'other', '[unsupported message] chat'],
    ['secretEncryptedMessage', { secretEncryptedMessage: {} }, 'protocol', ''],
    ['encEventResponseMessage', { encEventResponseMessage: {} }, 'protocol', ''],
    ['encCommentMessage', { encCommentMessage: {} }, 'protocol', ''],
    ['reactionMessage', { reactionMessage: { text: '👍' } }, 'protocol', ''],
    ['encReactionMessage', { encReactionMessage: {} }, 'protocol', ''],
    ['pollUpdateMessage', { pollUpdateMessage: {} }, 'protocol', ''],
    [
      'protocolMessage',
      { protocolMessage: { type: proto.Message.ProtocolMessage.Type.REVOKE } },
      'protocol',
      '',
    ],
    ['pinInChatMessage', { pinInChatMessage: {} }, 'protocol', ''],
    ['call', { call: { callKey: Buffer.from([1]) } }, 'protocol', ''],
    [
      'callLogMesssage',
      { callLogMesssage: { callOutcome: 1, isVideo: true } },
      'call',
      '[video call] missed',
    ],
    ['callLogMesssage', { callLogMesssage: { callOutcome: 3 } }, 'call', '[call] declined'],
    [
      'callLogMesssage',
      { callLogMesssage: { callOutcome: 0, durationSecs: 61 } },
      'call',
      '[call] answered, 1:01',
    ],
    [
      'senderKeyDistributionMessage',
      { senderKeyDistributionMessage: { groupId: 'g' } },
      'key_distribution',
      '',
    ],
    ['messageContextInfo', { messageContextInfo: {} }, 'empty', ''],
    ['conversation', { conversation: '' }, 'empty', ''],
  ])('reads %s', (contentType, message, contentClass, text) => {
    expect(read(message)).toMatchObject({ contentType, contentClass, text });
  });

  it.each<[string, proto.IMessage, string]>([
    ['a device-sent message', { deviceSentMessage: { message: { conversation: 'in' } } }, 'in'],
    ['an ephemeral one', { ephemeralMessage: { message: { conversation: 'in' } } }, 'in'],
    ['a view-once picture', { viewOnceMessageV2: { message: { imageMessage: { caption: 'in' } } } }, 'in'],
    [
      'a document with caption',
      { documentWithCaptionMessage: { message: { documentMessage: { caption: 'in' } } } },
      'in',
    ],
    ['a lottie sticker', { lottieStickerMessage: { message: { stickerMessage: {} } } }, '[sticker]'],
    [
      'a fourth kind of poll',
      { pollCreationMessageV4: { message: { pollCreationMessage: { name: 'in' } } } },
      '[poll] in',
    ],
    ['a question', { questionMessage: { message: { conversation: 'in' } } }, 'in'],
    ['a comment', { commentMessage: { message: { conversation: 'in' } } }, 'in'],
    ['ten wrappers', deeply({ conversation: 'in' }, 10), 'in'],
    ['eleven wrappers', deeply({ conversation: 'in' }, 11), '[unsupported message] ephemeralMessage'],
    ['a wrapper around nothing', { viewOnceMessage: {} }, '[unsupported message] viewOnceMessage'],
    [
      'a text beside a group key',
      { senderKeyDistributionMessage: { groupId: 'g' }, conversation: 'in' },
      'in',
    ],
    ['a text that a reaction is to hide', { reactionMessage: { text: 'x' }, conversation: 'in' }, 'in'],
  ])('unwraps %s', (_name, message, text) => {
    expect(read(message).text).toBe(text);
  });

  it.each<[string, proto.IMessage]>([
    [
      'an edit of nothing',
      { editedMessage: { message: { protocolMessage: { editedMessage: { conversation: 'new' } } } } },
    ],
    ['a change of sharing limits', { limitSharingMessage: { message: { protocolMessage: {} } } }],
  ])('takes %s for protocol', (_name, message) => {
    expect(read(message)).toMatchObject({ contentClass: 'protocol', text: '' });
  });

  it('finds something to say about every field of the schema', () => {
    for (const name of Object.keys(proto.Message.prototype)) {
      const content = proto.Message.fromObject({ [name]: name === 'conversation' ? 'x' : {} });
      const { contentClass, text } = readContent(content, ofAna);
      expect([name, text !== '' || !['text', 'media', 'other'].includes(contentClass)]).toEqual([name, true]);
    }
  });
});
