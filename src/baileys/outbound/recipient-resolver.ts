import { Injectable } from '@nestjs/common';
import {
  isLidUser,
  jidDecode,
  jidNormalizedUser,
  USyncQuery,
  USyncUser,
  type WASocket,
} from '@whiskeysockets/baileys';
import { LRUCache } from 'lru-cache';
import { InvalidInputError } from '../../common/app-error.js';
import { phoneVariants } from '../../common/phone-number.js';
import { type Contact, ContactsRepository } from '../../repositories/contacts.repository.js';
import type { Instance } from '../../repositories/instance.js';
import { MessagesRepository } from '../../repositories/messages.repository.js';
import { SessionSettings } from '../session-settings.js';
import { withTimeout } from '../with-timeout.js';

/** Where to send a message. */
export interface Recipient {
  jid: string;
  /** Digits under which WhatsApp knows the person; empty when only the LID is known. */
  phone: string;
  lid?: string | undefined;
}

/** WhatsApp's answers are believed for so long, in ms. */
const ANSWER_TTL_MS = 24 * 60 * 60_000;
const PERSON_JID = /@(?:s\.whatsapp\.net|lid)$/;

/** WhatsApp says that there is no such account. */
const NOBODY = Symbol('nobody');

/** Finds the address at which WhatsApp knows the owner of a phone number. */
@Injectable()
export class RecipientResolver {
  private readonly answers = new LRUCache<string, string>({ max: 10_000, ttl: ANSWER_TTL_MS });

  constructor(
    private readonly contacts: ContactsRepository,
    private readonly messages: MessagesRepository,
    private readonly settings: SessionSettings,
  ) {}

  /**
   * @param to digits of a phone number, or `<digits>@lid`
   * @returns a known contact's own address, what WhatsApp says, or the number as given when WhatsApp says nothing
   * @throws InvalidInputError `recipient_not_on_whatsapp`
   */
  async resolve(instance: Instance, socket: WASocket, to: string): Promise<Recipient> {
    if (isLidUser(to) === true) {
      return { jid: to, phone: '', lid: jidDecode(to)?.user };
    }
    const phone = to;
    const variants = phoneVariants(phone);
    const contact = await this.contacts.findContactByPhone(instance.organizationId, variants);
    const known = contact && (await this.fromConversation(instance, contact, phone));
    if (known) {
      return known;
    }
    const jid = await this.ask(instance.id, socket, variants);
    const { user = phone } = jidDecode(jid) ?? {};
    return jid.endsWith('@lid') ? { jid, phone, lid: user } : { jid, phone: user };
  }

  /** An answer goes where the contact wrote from. */
  private async fromConversation(
    instance: Instance,
    contact: Contact,
    phone: string,
  ): Promise<Recipient | null> {
    const filter = {
      instanceId: instance.id,
      contactId: contact.id,
      direction: 'inbound' as const,
      limit: 1,
    };
    const { items } = await this.messages.listMessages(instance.organizationId, filter);
    const chat = jidNormalizedUser(items[0]?.chatJid ?? undefined);
    if (!PERSON_JID.test(chat)) {
      return null;
    }
    return { jid: chat, phone: contact.phoneNumber ?? phone, lid: contact.lid ?? undefined };
  }

  private async ask(instanceId: string, socket: WASocket, variants: string[]): Promise<string> {
    const key = `${instanceId}/${variants[0]!}`;
    const remembered = this.answers.get(key);
    if (remembered) {
      return remembered;
    }
    const answer = await this.query(socket, variants);
    if (answer === NOBODY) {
      throw new InvalidInputError(
        'recipient_not_on_whatsapp',
        'There is no WhatsApp account with this number.',
      );
    }
    if (answer) {
      this.answers.set(key, answer);
    }
    return answer ?? `${variants[0]!}@s.whatsapp.net`;
  }

  /** @returns undefined when WhatsApp did not answer, or not this question */
  private async query(socket: WASocket, variants: string[]): Promise<string | typeof NOBODY | undefined> {
    const query = new USyncQuery().withContactProtocol();
    variants.forEach((variant) => query.withUser(new USyncUser().withPhone(`+${variant}`)));
    const asking = socket.executeUSyncQuery(query).catch(() => undefined);
    const late = () => new Error('lookup timed out');
    const result = await withTimeout(asking, this.settings.lookupMs, late).catch(() => undefined);
    const answers = (result?.list ?? []) as { id: string; contact?: boolean }[];
    const existing = answers.filter(({ contact }) => contact === true).map(({ id }) => jidNormalizedUser(id));
    if (existing.length > 0) {
      return existing.find((jid) => jidDecode(jid)?.user === variants[0]) ?? existing[0];
    }
    return answers.some(({ contact }) => contact === false) ? NOBODY : undefined;
  }
}
