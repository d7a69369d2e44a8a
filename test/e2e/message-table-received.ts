import type { proto } from '@whiskeysockets/baileys';
import { SAMPLE_JPEG, SAMPLE_PDF, SAMPLE_WEBP, voiceNote } from '../../src/simulator/media-host/samples.js';
import type { Content } from '../../src/simulator/phones/message-content.js';

const PLACE = { latitude: -23.5, longitude: -46.6 };
const CARD = { displayName: 'Bob', vcard: 'BEGIN:VCARD\nVERSION:3.0\nFN:Bob\nEND:VCARD' };
const POLL = { name: 'When?', options: [{ optionName: 'mon' }, { optionName: 'tue' }] };
const POLL_TEXT = '[poll] When?\n- mon\n- tue';
const VIDEO = Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2avc1mp41', 'latin1');

const raw = (message: proto.IMessage): Content => ({ raw: message });

/** What a phone writes, what `content` says of it, and the file that it brings. */
interface ReceivedCase {
  content: Content;
  text: string;
  file?: Buffer;
}

/** @returns a case for each type and WhatsApp's name of it; `picture` is one of the media server, for what stands above a menu */
export function receivedCases(picture: proto.Message.IImageMessage): Record<string, ReceivedCase> {
  const header = { imageMessage: picture };
  return {
    'text conversation': { content: 'hello', text: 'hello' },
    'text extendedTextMessage': {
      content: { text: 'see', preview: { url: 'https://a.example', title: 'A' } },
      text: 'see',
    },
    'text buttonsResponseMessage': { content: { buttonReply: { id: '1', text: 'Yes' } }, text: 'Yes' },
    'text templateButtonReplyMessage': { content: { templateReply: { id: '1', text: 'Yes' } }, text: 'Yes' },
    'text listResponseMessage': { content: { listReply: { id: '1', title: 'Monday' } }, text: 'Monday' },
    'text interactiveResponseMessage': {
      content: { flowReply: { name: 'flow', text: 'Sent', answers: { screen_0_Name_0: 'Ana' } } },
      text: 'Sent\nName: Ana',
    },
    'text buttonsMessage': {
      content: raw({ buttonsMessage: { ...header, contentText: 'Choose' } }),
      text: 'Choose',
      file: SAMPLE_JPEG,
    },
    'text templateMessage': {
      content: raw({ templateMessage: { hydratedTemplate: { ...header, hydratedContentText: 'Choose' } } }),
      text: 'Choose',
      file: SAMPLE_JPEG,
    },
    'text highlyStructuredMessage': {
      content: raw({ highlyStructuredMessage: { elementName: 'hello', params: ['Ana'] } }),
      text: 'hello\nAna',
    },
    'text listMessage': {
      content: { list: { text: 'Choose', button: 'Open', rows: ['A'] } },
      text: 'Choose\n- A',
    },
    'text interactiveMessage': {
      content: raw({ interactiveMessage: { header, body: { text: 'Choose' } } }),
      text: 'Choose',
      file: SAMPLE_JPEG,
    },
    'text questionResponseMessage': {
      content: raw({ questionResponseMessage: { text: 'Blue' } }),
      text: 'Blue',
    },
    'text statusQuestionAnswerMessage': {
      content: raw({ statusQuestionAnswerMessage: { text: 'Blue' } }),
      text: 'Blue',
    },
    'text statusQuotedMessage': { content: raw({ statusQuotedMessage: { text: 'Nice' } }), text: 'Nice' },
    'text requestPhoneNumberMessage': {
      content: raw({ requestPhoneNumberMessage: {} }),
      text: '[phone number request]',
    },
    'text richResponseMessage': {
      content: raw({ richResponseMessage: { submessages: [{ messageText: 'A' }] } }),
      text: 'A',
    },
    'image imageMessage': { content: { image: { caption: 'look' } }, text: 'look', file: SAMPLE_JPEG },
    'video videoMessage': { content: { video: { file: VIDEO } }, text: '[video]', file: VIDEO },
    'video_note ptvMessage': {
      content: { video: { file: VIDEO, round: true } },
      text: '[video note]',
      file: VIDEO,
    },
    'gif videoMessage': { content: { video: { file: VIDEO, gif: true } }, text: '[gif]', file: VIDEO },
    'voice audioMessage': {
      content: { audio: { seconds: 2 } },
      text: '[voice message 0:02]',
      file: voiceNote(2),
    },
    'audio audioMessage': {
      content: { audio: { ptt: false, seconds: 4 } },
      text: '[audio]',
      file: voiceNote(4),
    },
    'document documentMessage': {
      content: { document: { fileName: 'a.pdf', caption: 'offer' } },
      text: 'offer',
      file: SAMPLE_PDF,
    },
    'sticker stickerMessage': { content: { sticker: true }, text: '[sticker]', file: SAMPLE_WEBP },
    'sticker stickerPackMessage': {
      content: raw({ stickerPackMessage: { name: 'Cats' } }),
      text: '[stickers] Cats',
    },
    'location locationMessage': {
      content: { location: { ...PLACE, name: 'Bar' } },
      text: '[location] Bar, (-23.5, -46.6)',
    },
    'live_location locationMessage': {
      content: raw({ locationMessage: { degreesLatitude: 1, degreesLongitude: 2, isLive: true } }),
      text: '[live location] (1, 2)',
    },
    'live_location liveLocationMessage': {
      content: { liveLocation: PLACE },
      text: '[live location] (-23.5, -46.6)',
    },
    'contact contactMessage': { content: { contact: CARD }, text: '[contact] Bob' },
    'contact contactsArrayMessage': { content: { contacts: [CARD, CARD] }, text: '[contacts] Bob, Bob' },
    'poll pollCreationMessage': {
      content: { poll: { question: 'When?', options: ['mon', 'tue'], selectable: 2 } },
      text: POLL_TEXT,
    },
    'poll pollCreationMessageV2': { content: raw({ pollCreationMessageV2: POLL }), text: POLL_TEXT },
    'poll pollCreationMessageV3': {
      content: { poll: { question: 'When?', options: ['mon', 'tue'] } },
      text: POLL_TEXT,
    },
    'poll pollCreationMessageV5': { content: raw({ pollCreationMessageV5: POLL }), text: POLL_TEXT },
    ...Object.fromEntries(
      ['pollResultSnapshotMessage', 'pollResultSnapshotMessageV3'].map((name) => [
        `poll ${name}`,
        {
          content: raw({ [name]: { name: 'When?', pollVotes: [{ optionName: 'mon', optionVoteCount: 2 }] } }),
          text: '[poll results] When?\n- mon: 2',
        },
      ]),
    ),
    'event eventMessage': {
      content: { event: { name: 'Party', startsAt: '2030-01-02T03:04:05Z' } },
      text: '[event] Party, 2030-01-02T03:04:05.000Z',
    },
    'event scheduledCallCreationMessage': {
      content: raw({ scheduledCallCreationMessage: { title: 'Talk' } }),
      text: '[scheduled call] Talk',
    },
    'order orderMessage': {
      content: { order: { id: '1', title: 'Cart', items: 2, amount1000: 5000, currency: 'BRL' } },
      text: '[order] Cart, 2 items, BRL 5.00',
    },
    'product productMessage': { content: { product: { id: '1', title: 'Soap' } }, text: '[product] Soap' },
    'call callLogMesssage': { content: { callLog: { missed: true } }, text: '[call] missed' },
    'group_invite groupInviteMessage': {
      content: { invite: { group: '1203@g.us', name: 'Team', code: 'abc' } },
      text: '[group invite] Team',
    },
    ...Object.fromEntries(
      ['newsletterAdminInviteMessage', 'newsletterFollowerInviteMessageV2'].map((name) => [
        `group_invite ${name}`,
        { content: raw({ [name]: { newsletterName: 'News' } }), text: '[channel invite] News' },
      ]),
    ),
    'album albumMessage': { content: { album: { images: 2 } }, text: '[album] 2 images' },
    'payment sendPaymentMessage': {
      content: raw({ sendPaymentMessage: { noteMessage: { conversation: 'rent' } } }),
      text: '[payment] rent',
    },
    'payment requestPaymentMessage': {
      content: { payment: { amount1000: 1000, currency: 'BRL' } },
      text: '[payment request] BRL 1.00',
    },
    'payment declinePaymentRequestMessage': {
      content: raw({ declinePaymentRequestMessage: { key: { id: 'A' } } }),
      text: '[payment request declined]',
    },
    'payment cancelPaymentRequestMessage': {
      content: raw({ cancelPaymentRequestMessage: { key: { id: 'A' } } }),
      text: '[payment request cancelled]',
    },
    'payment paymentInviteMessage': {
      content: raw({ paymentInviteMessage: { serviceType: 1 } }),
      text: '[payment invite]',
    },
    'payment invoiceMessage': { content: raw({ invoiceMessage: { note: 'June' } }), text: '[invoice] June' },
    'unsupported placeholderMessage': {
      content: raw({ placeholderMessage: { type: 0 } }),
      text: '[message that only the phone shows]',
    },
    'unsupported chat': {
      content: raw({ chat: { displayName: 'whatever this version does not know' } }),
      text: '[unsupported message] chat',
    },
  };
}
