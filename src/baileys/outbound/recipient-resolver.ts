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
import type { OutboundAddress, OutboundPerson } from '../../repositories/outbound-message.js';
import { SessionSettings } from '../session-settings.js';
import { withTimeout } from '../with-timeout.js';

/** WhatsApp's answers are believed for so long, in ms. */
const ANSWER_TTL_MS = 24 * 60 * 60_000;
/** WhatsApp says that there is no such account. */
const NOBODY = Symbol('nobody');

/** Finds the address at which WhatsApp knows the owner of a phone number. */
@Injectable()
export class RecipientResolver {
  private readonly answers = new LRUCache<string, string>({ max: 10_000, ttl: ANSWER_TTL_MS });

  constructor(private readonly settings: SessionSettings) {}

  /**
   * @param to digits of a phone number, or `<digits>@lid`
   * @returns the address, where it says that itself; otherwise whose conversation to look for, and where to send the message
   *   when there is none, as far as WhatsApp has said so before
   */
  known(instanceId: string, to: string): OutboundAddress | OutboundPerson {
    if (isLidUser(to) === true) {
      return { chatJid: to, phone: '', lid: jidDecode(to)?.user };
    }
    const jid = this.answers.get(answerKey(instanceId, to));
    return { numbers: phoneVariants(to), otherwise: jid === undefined ? undefined : addressAt(jid, to) };
  }

  /**
   * @param phone digits of somebody who never wrote
   * @returns what WhatsApp says, or the number as given when WhatsApp says nothing
   * @throws InvalidInputError `recipient_not_on_whatsapp`
   */
  async ask(instanceId: string, socket: WASocket, phone: string): Promise<OutboundAddress> {
    const key = answerKey(instanceId, phone);
    const variants = phoneVariants(phone);
    const answer = this.answers.get(key) ?? (await this.query(socket, variants));
    if (answer === NOBODY) {
      throw new InvalidInputError(
        'recipient_not_on_whatsapp',
        `There is no WhatsApp account with the number ${phone}. A number begins with its country code.`,
        { details: [{ path: 'to', message: 'is not on WhatsApp' }] },
      );
    }
    if (answer) {
      this.answers.set(key, answer);
    }
    return addressAt(answer ?? `${phone}@s.whatsapp.net`, phone);
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

function answerKey(instanceId: string, phone: string): string {
  return `${instanceId}/${phone}`;
}

function addressAt(jid: string, phone: string): OutboundAddress {
  const { user = phone } = jidDecode(jid) ?? {};
  return jid.endsWith('@lid') ? { chatJid: jid, phone, lid: user } : { chatJid: jid, phone: user };
}
