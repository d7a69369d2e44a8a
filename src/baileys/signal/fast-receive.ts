import type { AuthenticationCreds, BinaryNode } from '@whiskeysockets/baileys';
import { generateSignalPubKey, jidDecode } from '@whiskeysockets/baileys';
import { MESSAGE_STEPS, passed } from '../../common/message-steps.js';
import { type LidMapping, rememberedLid, rememberedPhone } from '../patches/lid-mapping-memory.js';
import { isPlainContent } from '../patches/plain-content.js';
import { receiveOnChain } from '../patches/receiving-chain.js';
import type { SocketKeys } from '../storage/session-key-store.js';
import { alternativesInMemory } from './lid-lookup.js';
import { SettledPairs } from './settled-pairs.js';
import { deliveryHash, toInboxRow } from './stanza-row.js';
import type { TransactionsUnderWay } from './transactions-under-way.js';
import { readUsualStanza, type UsualStanza } from './usual-stanza.js';

/** What the lane works with, of one socket. */
export interface FastReceiveParts {
  socketKeys: SocketKeys;
  creds: AuthenticationCreds;
  lidMapping: LidMapping;
  transactions: TransactionsUnderWay;
}

/** A message that is stored as soon as the writes up to now are. */
export interface ReceivedMessage {
  /** The sender as the stanza names him. */
  chat: string;
  id: string;
  /** As `GroupCommit.append`. */
  room: Promise<void> | undefined;
}

/**
 * Receives the usual message in one turn: a direct one, in a session that there is. What it stores is what the
 * library's way would have stored; `docs/fast-receive.md` says what it replaces. Whatever it does not know it leaves, with nothing changed,
 * to the library.
 */
export class FastReceive {
  private readonly settled = new SettledPairs();

  constructor(private readonly parts: FastReceiveParts) {
    parts.socketKeys.onWrite((data) => this.settled.written(data));
  }

  /**
   * @param stanza whose turn it is; the one before it is over
   * @returns undefined where nothing was done; else the message, with its row and its ratchet step appended to the group commit
   */
  receive(stanza: BinaryNode): ReceivedMessage | undefined {
    try {
      const usual = this.parts.transactions.areAny ? undefined : readUsualStanza(stanza);
      return usual && this.receiveUsual(usual);
    } catch {
      // The session was given up, its socket replaced, or a key can't be opened: the library's way says so. An append that throws has taken nothing.
      return undefined;
    }
  }

  private receiveUsual(usual: UsualStanza): ReceivedMessage | undefined {
    const { socketKeys, creds } = this.parts;
    const { delivery, sender, id, from } = usual;
    const lid = this.isOwn(usual) ? undefined : this.sessionUserOf(usual);
    const extra = lid === undefined ? undefined : this.extraOf(usual);
    if (lid === undefined || !extra) {
      return undefined;
    }
    const address = `${lid}_1.${sender.device}`;
    const { public: identity } = creds.signedIdentityKey;
    const step = receiveOnChain(
      socketKeys.peek('session', address),
      delivery.ciphertext,
      generateSignalPubKey(identity),
      Date.now(),
    );
    if (!step || !isPlainContent(step.plaintext)) {
      return undefined;
    }
    passed(MESSAGE_STEPS.decrypted, delivery);
    const row = toInboxRow(delivery, deliveryHash(delivery), extra, step.plaintext);
    const room = socketKeys.receive([row], { session: { [address]: step.record as never } });
    return { chat: from, id, room };
  }

  /** From another device of the account, which the library knows by the digits alone. */
  private isOwn({ sender }: UsualStanza): boolean {
    const { me } = this.parts.creds;
    return !me || jidDecode(me.id)?.user === sender.user || jidDecode(me.lid)?.user === sender.user;
  }

  /** @returns digits of the LID under which the sender's session stands; undefined where the library would first store or move something, or ask */
  private sessionUserOf({ sender, other }: UsualStanza): string | undefined {
    const { lidMapping } = this.parts;
    if (sender.kind === 'lid') {
      return other === undefined || this.isSettled(other, sender.user) ? sender.user : undefined;
    }
    // Of a LID that belongs to any number the library stores nothing here.
    const isOtherKnown = other === undefined || rememberedPhone(lidMapping, other) !== undefined;
    return isOtherKnown ? rememberedLid(lidMapping, sender.user) : undefined;
  }

  /** The pair is stored, and no session stands under the number, which the library would move to the LID. */
  private isSettled(phone: string, lid: string): boolean {
    if (rememberedLid(this.parts.lidMapping, phone) !== lid) {
      return false;
    }
    if (!this.settled.has(phone, lid)) {
      if (!this.hasNoSession(phone)) {
        return false;
      }
      this.settled.add(phone, lid);
    }
    return true;
  }

  private hasNoSession(phone: string): boolean {
    const { socketKeys } = this.parts;
    const devices = socketKeys.peek('device-list', phone);
    if (devices === null) {
      // Without one the library moves nothing.
      return true;
    }
    return (
      Array.isArray(devices) &&
      ['0', ...(devices as string[])].every(
        (device) => socketKeys.peek('session', `${phone}.${device}`) === null,
      )
    );
  }

  /** @returns what the stanza leaves out of its sender's addresses and is known here; undefined where that is not in memory */
  private extraOf({ delivery }: UsualStanza): Record<string, string> | undefined {
    return alternativesInMemory((id) => this.parts.socketKeys.peek('lid-mapping', id), delivery.attrs);
  }
}
