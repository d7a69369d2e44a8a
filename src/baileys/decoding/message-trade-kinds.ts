import type { proto } from '@whiskeysockets/baileys';
import { personOf } from './message-addresses.js';
import type { MessageKinds } from './message-kind.js';
import { amount, count, isoTime, money, summary } from './message-words.js';

/** Kinds about goods and money. */
export const TRADE_KINDS: MessageKinds = {
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
    metadata: (m) => ({
      order_id: m.orderId,
      title: m.orderTitle,
      items: m.itemCount || undefined,
      total: amount(m.totalAmount1000),
      currency: m.totalCurrencyCode,
      message: m.message,
      seller: phoneOf(m.sellerJid),
    }),
  },
  productMessage: {
    type: 'product',
    contentClass: 'other',
    describe: (m) =>
      summary(
        m.product ? 'product' : 'catalogue',
        m.product?.title ?? m.catalog?.title,
        money(m.product?.priceAmount1000, m.product?.currencyCode),
        m.product?.url,
        m.body,
      ),
    metadata: (m) => ({
      product_id: m.product?.productId,
      title: m.product?.title ?? m.catalog?.title,
      description: m.product?.description ?? m.catalog?.description,
      price: amount(m.product?.priceAmount1000),
      sale_price: amount(m.product?.salePriceAmount1000),
      currency: m.product?.currencyCode,
      retailer_id: m.product?.retailerId,
      url: m.product?.url,
      is_catalogue: m.product ? undefined : true,
      body: m.body,
      footer: m.footer,
      seller: phoneOf(m.businessOwnerJid),
    }),
  },
  sendPaymentMessage: {
    type: 'payment',
    contentClass: 'other',
    describe: (m) => summary('payment', noteOf(m.noteMessage)),
    metadata: (m) => ({ state: 'sent', note: noteOf(m.noteMessage), request_id: m.requestMessageKey?.id }),
  },
  requestPaymentMessage: {
    type: 'payment',
    contentClass: 'other',
    describe: (m) =>
      summary('payment request', money(m.amount1000, m.currencyCodeIso4217), noteOf(m.noteMessage)),
    metadata: (m) => ({
      state: 'requested',
      amount: amount(m.amount1000),
      currency: m.currencyCodeIso4217,
      note: noteOf(m.noteMessage),
      expires_at: isoTime(m.expiryTimestamp, 'seconds'),
    }),
  },
  declinePaymentRequestMessage: {
    type: 'payment',
    contentClass: 'other',
    describe: () => '[payment request declined]',
    metadata: (m) => ({ state: 'declined', request_id: m.key?.id }),
  },
  cancelPaymentRequestMessage: {
    type: 'payment',
    contentClass: 'other',
    describe: () => '[payment request cancelled]',
    metadata: (m) => ({ state: 'cancelled', request_id: m.key?.id }),
  },
  paymentInviteMessage: {
    type: 'payment',
    contentClass: 'other',
    describe: () => '[payment invite]',
    metadata: (m) => ({ state: 'invited', expires_at: isoTime(m.expiryTimestamp, 'seconds') }),
  },
  invoiceMessage: {
    type: 'payment',
    contentClass: 'other',
    describe: (m) => summary('invoice', m.note),
    metadata: (m) => ({ state: 'invoiced', note: m.note }),
  },
};

function phoneOf(jid: string | null | undefined): string | undefined {
  const { phone, lid } = personOf(jid ?? undefined);
  return phone ?? (lid && `${lid}@lid`);
}

function noteOf(note: proto.IMessage | null | undefined): string | undefined {
  return note?.conversation || note?.extendedTextMessage?.text || undefined;
}
