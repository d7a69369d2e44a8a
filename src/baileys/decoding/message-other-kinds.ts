import { type proto, toNumber } from '@whiskeysockets/baileys';
import type { MessageKinds } from './message-kind.js';
import { count, summary } from './message-media-kinds.js';

const MAX_CARDS = 20;

/** Kinds that a person sent and that are neither words nor a file. */
export const OTHER_KINDS: MessageKinds = {
  locationMessage: {
    type: (m) => (m.isLive ? 'live_location' : 'location'),
    contentClass: 'other',
    describe: (m) =>
      summary(m.isLive ? 'live location' : 'location', m.name, m.address, m.comment, coordinates(m)),
  },
  liveLocationMessage: {
    type: 'live_location',
    contentClass: 'other',
    describe: (m) => summary('live location', m.caption, coordinates(m)),
  },
  contactMessage: {
    type: 'contact',
    contentClass: 'other',
    describe: (m) => summary('contact', contactCard(m)),
  },
  contactsArrayMessage: {
    type: 'contact',
    contentClass: 'other',
    describe: (m) =>
      summary(
        'contacts',
        ...(m.contacts?.length ? m.contacts.slice(0, MAX_CARDS).map(contactCard) : [m.displayName]),
      ),
  },
  pollCreationMessage: { type: 'poll', contentClass: 'other', describe: pollText },
  pollCreationMessageV2: { type: 'poll', contentClass: 'other', describe: pollText },
  pollCreationMessageV3: { type: 'poll', contentClass: 'other', describe: pollText },
  pollCreationMessageV5: { type: 'poll', contentClass: 'other', describe: pollText },
  pollResultSnapshotMessage: {
    type: 'poll',
    contentClass: 'other',
    describe: (m) => summary('poll results', m.name),
  },
  pollResultSnapshotMessageV3: {
    type: 'poll',
    contentClass: 'other',
    describe: (m) => summary('poll results', m.name),
  },
  orderMessage: {
    type: 'order',
    contentClass: 'other',
    describe: (m) =>
      summary(
        'order',
        m.orderTitle,
        count(m.itemCount, 'item'),
        money(m.totalAmount1000, m.totalCurrencyCode),
        m.message,
      ),
  },
  productMessage: {
    type: 'product',
    contentClass: 'other',
    describe: (m) => summary('product', m.product?.title ?? m.catalog?.title, m.body),
  },
  eventMessage: {
    type: 'event',
    contentClass: 'other',
    describe: (m) =>
      summary(m.isCanceled ? 'event cancelled' : 'event', m.name, m.description, m.location?.name),
  },
  groupInviteMessage: {
    type: 'group_invite',
    contentClass: 'other',
    describe: (m) => summary('group invite', m.groupName, m.caption),
  },
  newsletterAdminInviteMessage: {
    type: 'group_invite',
    contentClass: 'other',
    describe: (m) => summary('channel invite', m.newsletterName, m.caption),
  },
  newsletterFollowerInviteMessageV2: {
    type: 'group_invite',
    contentClass: 'other',
    describe: (m) => summary('channel invite', m.newsletterName, m.caption),
  },
  scheduledCallCreationMessage: {
    type: 'call',
    contentClass: 'other',
    describe: (m) => summary('scheduled call', m.title),
  },
  sendPaymentMessage: {
    type: 'payment',
    contentClass: 'other',
    describe: (m) => summary('payment', noteText(m.noteMessage)),
  },
  requestPaymentMessage: {
    type: 'payment',
    contentClass: 'other',
    describe: (m) =>
      summary('payment request', money(m.amount1000, m.currencyCodeIso4217), noteText(m.noteMessage)),
  },
  declinePaymentRequestMessage: {
    type: 'payment',
    contentClass: 'other',
    describe: () => '[payment request declined]',
  },
  cancelPaymentRequestMessage: {
    type: 'payment',
    contentClass: 'other',
    describe: () => '[payment request cancelled]',
  },
  paymentInviteMessage: { type: 'payment', contentClass: 'other', describe: () => '[payment invite]' },
  invoiceMessage: { type: 'payment', contentClass: 'other', describe: (m) => summary('invoice', m.note) },
  requestPhoneNumberMessage: {
    type: 'text',
    contentClass: 'other',
    describe: () => '[phone number request]',
  },
};

function coordinates(place: {
  degreesLatitude?: number | null;
  degreesLongitude?: number | null;
}): string | undefined {
  const { degreesLatitude: latitude, degreesLongitude: longitude } = place;
  return Number.isFinite(latitude) && Number.isFinite(longitude) ? `(${latitude}, ${longitude})` : undefined;
}

function contactCard(card: proto.Message.IContactMessage): string {
  const number = /waid=(\d{5,15})/.exec(card.vcard ?? '')?.[1];
  return [card.displayName, number && `+${number}`].filter(Boolean).join(' ');
}

function pollText(poll: proto.Message.IPollCreationMessage): string {
  const options = (poll.options ?? []).map((option) => `- ${option.optionName ?? ''}`);
  return [summary('poll', poll.name), ...options].join('\n');
}

function money(
  thousandths: Parameters<typeof toNumber>[0] | null,
  currency: string | null | undefined,
): string | undefined {
  return currency && thousandths ? `${currency} ${(toNumber(thousandths) / 1000).toFixed(2)}` : undefined;
}

function noteText(note: proto.IMessage | null | undefined): string | undefined {
  return note?.conversation || note?.extendedTextMessage?.text || undefined;
}
