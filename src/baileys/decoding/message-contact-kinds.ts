import type { proto } from '@whiskeysockets/baileys';
import type { MessageMetadata } from '../../common/message-types.js';
import type { MessageKinds } from './message-kind.js';
import { summary } from './message-words.js';
import { type ContactCard, readVcard } from './vcard.js';

/** WhatsApp sends up to 257 at once. */
const MAX_CARDS = 257;
const MAX_CARDS_IN_WORDS = 20;

/** Kinds that tell of other people. */
export const CONTACT_KINDS: MessageKinds = {
  contactMessage: {
    type: 'contact',
    contentClass: 'other',
    describe: (m) => summary('contact', cardText(cardOf(m))),
    metadata: (m) => ({ contacts: [toMetadata(cardOf(m))] }),
  },
  contactsArrayMessage: {
    type: 'contact',
    contentClass: 'other',
    describe: (m) => {
      const cards = (m.contacts ?? []).slice(0, MAX_CARDS_IN_WORDS).map((card) => cardText(cardOf(card)));
      return summary('contacts', ...(cards.length > 0 ? cards : [m.displayName]));
    },
    metadata: (m) => ({
      name: m.displayName,
      contacts: (m.contacts ?? []).slice(0, MAX_CARDS).map((card) => toMetadata(cardOf(card))),
    }),
  },
};

function cardOf({ displayName, vcard }: proto.Message.IContactMessage): ContactCard {
  const card = readVcard(vcard ?? '');
  return { ...card, name: displayName || card.name };
}

function cardText({ name, phoneNumbers, emails, organization }: ContactCard): string {
  const numbers = phoneNumbers.map((number) => (/^\d{8,}$/.test(number) ? `+${number}` : number));
  return [[name, numbers[0]].filter(Boolean).join(' '), ...numbers.slice(1), ...emails, organization]
    .filter(Boolean)
    .join(', ');
}

function toMetadata({ phoneNumbers, ...card }: ContactCard): MessageMetadata {
  const entries = Object.entries(card).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  const { name, ...others } = Object.fromEntries(entries) as Partial<ContactCard>;
  return { name, phone_numbers: phoneNumbers, ...others };
}
