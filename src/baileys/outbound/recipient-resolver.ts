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
import { AppError } from '../../common/app-error.js';
import { phoneVariants } from '../../common/phone-number.js';
import type { OutboundAddress, OutboundPerson } from '../../repositories/outbound-message.js';
import { SessionSettings } from '../settings/session-settings.js';
import { knownLid } from '../signal/lid-lookup.js';
import { withTimeout } from '../../common/with-timeout.js';
import type { NumberInfo } from './chat-request.js';

/** WhatsApp's answers are believed for so long, in ms. */
const ANSWER_TTL_MS = 24 * 60 * 60_000;
/** WhatsApp says that there is no such account. */
const NOBODY = Symbol('nobody');

/** What WhatsApp says of a number. */
interface Account {
  jid: string;
  /** Digits. */
  lid?: string | undefined;
}

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
   * @param phone digits of somebody who never wrote from it
   * @returns the person, as WhatsApp says now, or else as it is known here, or else by the number as given
   * @throws AppError `recipient_not_on_whatsapp`
   */
  async ask(instanceId: string, socket: WASocket, phone: string): Promise<OutboundPerson> {
    const key = answerKey(instanceId, phone);
    const numbers = phoneVariants(phone);
    const jid = this.answers.get(key);
    const known: Account | undefined = jid === undefined ? undefined : { jid };
    const [answer, stored] = await Promise.all([
      known ?? this.query(socket, numbers),
      this.inTime(knownLid(socket.authState.keys, numbers)),
    ]);
    if (answer === NOBODY) {
      throw new AppError('recipient_not_on_whatsapp', {
        message: `There is no WhatsApp account with the number ${phone}. A number begins with its country code.`,
        details: [{ path: 'to', message: 'is not on WhatsApp' }],
      });
    }
    if (answer) {
      // Not the LID: the number may be given to somebody else, of whom a contact tells sooner.
      this.answers.set(key, answer.jid);
    }
    const address = addressAt(answer?.jid ?? `${phone}@s.whatsapp.net`, phone);
    const lid = answer?.lid ?? address.lid ?? stored;
    return { numbers, lid, otherwise: { ...address, lid } };
  }

  /**
   * @param phone digits
   * @returns what WhatsApp says of the number now
   * @throws AppError `whatsapp_unavailable` when it does not say
   */
  async lookUp(socket: WASocket, phone: string): Promise<NumberInfo> {
    const numbers = phoneVariants(phone);
    const answer = await this.query(socket, numbers);
    if (answer === undefined) {
      throw new AppError('whatsapp_unavailable');
    }
    if (answer === NOBODY) {
      return { exists: false, phoneNumber: null, lid: null };
    }
    const address = addressAt(answer.jid, phone);
    const [stored, profile] = await Promise.all([
      this.inTime(knownLid(socket.authState.keys, numbers)),
      this.inTime(
        socket.getBusinessProfile(answer.jid).then((found) => ({ isThere: found?.wid !== undefined })),
      ),
    ]);
    return {
      exists: true,
      phoneNumber: address.phone,
      lid: answer.lid ?? address.lid ?? stored ?? null,
      ...(profile && { business: profile.isThere }),
    };
  }

  /** @returns undefined when WhatsApp did not answer, or not this question */
  private async query(socket: WASocket, numbers: string[]): Promise<Account | typeof NOBODY | undefined> {
    const query = new USyncQuery().withContactProtocol().withLIDProtocol();
    numbers.forEach((number) => query.withUser(new USyncUser().withPhone(`+${number}`)));
    const result = await this.inTime(socket.executeUSyncQuery(query));
    const answers = (result?.list ?? []) as { id: string; contact?: boolean; lid?: string }[];
    const existing = answers
      .filter(({ contact }) => contact === true)
      .map(({ id, lid }) => ({ jid: jidNormalizedUser(id), lid: lid && jidDecode(lid)?.user }));
    if (existing.length > 0) {
      return existing.find(({ jid }) => jidDecode(jid)?.user === numbers[0]) ?? existing[0];
    }
    return answers.some(({ contact }) => contact === false) ? NOBODY : undefined;
  }

  /** @returns undefined for what comes too late or fails */
  private inTime<T>(asking: Promise<T>): Promise<T | undefined> {
    return withTimeout(asking, this.settings.lookupMs).catch(() => undefined);
  }
}

function answerKey(instanceId: string, phone: string): string {
  return `${instanceId}/${phone}`;
}

function addressAt(jid: string, phone: string): OutboundAddress {
  const { user = phone } = jidDecode(jid) ?? {};
  return jid.endsWith('@lid') ? { chatJid: jid, phone, lid: user } : { chatJid: jid, phone: user };
}
