import {
  type AuthenticationCreds,
  type BinaryNode,
  encodeWAMessage,
  isJidGroup,
  type SignalKeyStore,
} from '@whiskeysockets/baileys';
import { MESSAGE_STEPS, passed } from '../../common/message-steps.js';
import { localAlternatives } from './lid-lookup.js';
import type { SessionKeyStore, SocketKeys } from '../storage/session-key-store.js';
import { isBroadcastList } from '../decoding/ignored-jids.js';
import { chatOfResent, RESENT_OTHER } from '../decoding/placeholder-resend.js';
import { isRefused } from '../patches/refused-stanzas.js';
import {
  bringsNothingReadable,
  deliveriesOf,
  type Delivery,
  deliveryHash,
  isFirstCopy,
  placeholderAttrs,
  toInboxRow,
  toPlaceholderRow,
} from './stanza-row.js';

/** What an observer of one socket's stanzas works with. */
export interface ReceivedStanzasParts {
  /** For looking redelivered messages up. */
  store: Pick<SessionKeyStore, 'findInbox'>;
  /** The keys as the socket was given them, outside any transaction. */
  socketKeys: SocketKeys;
  /** Aborted when the connection is over: what fails after that says nothing about the message. */
  ended: AbortSignal;
  /** Told of each message that can't be read. */
  onUnreadable: () => void;
}

/**
 * The `<message>` stanzas of one socket, and their rows in the inbox. Every row is written before Baileys answers the
 * stanza, so that the output gate keeps the answer back until it is stored: that of a message which can't be read, too.
 */
export class ReceivedStanzas {
  private readonly deliveries = new WeakMap<Uint8Array, Delivery>();

  constructor(private readonly parts: ReceivedStanzasParts) {}

  /**
   * To be called with each stanza before Baileys handles it.
   * @param creds of the socket
   * @returns whether Baileys is to have it; otherwise it has its row, and is to be acknowledged
   * @throws the fault for which the session can't be written to
   */
  async observe(stanza: BinaryNode, creds: Pick<AuthenticationCreds, 'me'>): Promise<boolean> {
    const { id } = stanza.attrs;
    if (!id) {
      return true;
    }
    if (isRefused(stanza, creds)) {
      await this.savePlaceholder(placeholderAttrs(stanza));
      return false;
    }
    if (await this.isUnreadableAgain(stanza)) {
      return false;
    }
    for (const delivery of deliveriesOf(stanza)) {
      this.deliveries.set(delivery.ciphertext, delivery);
    }
    if (bringsNothingReadable(stanza)) {
      await this.savePlaceholder(placeholderAttrs(stanza));
    }
    return true;
  }

  /**
   * Baileys refuses with an error what it can't decrypt. What did not come from a person's own address WhatsApp may then bring first on every
   * connection, and nothing else of what waits (see `acknowledgeIgnored`): the same copy, which has its row, is not refused twice.
   */
  private async isUnreadableAgain(stanza: BinaryNode): Promise<boolean> {
    const { from = '' } = stanza.attrs;
    if (!(isBroadcastList(from) || isJidGroup(from)) || !isFirstCopy(stanza)) {
      return false;
    }
    const { hash } = toPlaceholderRow(stanza.attrs);
    return (await this.parts.store.findInbox(hash)) !== undefined;
  }

  /**
   * Stores what a ciphertext said, with its ratchet step: to be called in the transaction that holds it.
   * @param keys of that transaction
   */
  async decrypted(keys: SignalKeyStore, ciphertext: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array> {
    const delivery = this.deliveries.get(ciphertext);
    if (delivery) {
      passed(MESSAGE_STEPS.decrypted, delivery);
      const hash = deliveryHash(delivery);
      const extra = await this.extraOf(keys, delivery.attrs, plaintext);
      this.parts.socketKeys.inbox.add(toInboxRow(delivery, hash, extra, plaintext));
    }
    return plaintext;
  }

  /**
   * A ciphertext that was decrypted before, or that can't be.
   * @returns what it said when it came first
   * @throws `error` when it is not known
   */
  async failed(ciphertext: Uint8Array, error: unknown): Promise<Uint8Array> {
    const delivery = this.deliveries.get(ciphertext);
    const stored = delivery && (await this.parts.store.findInbox(deliveryHash(delivery)));
    if (stored !== undefined) {
      // A purged row still is a message that was received: an empty one gets its receipt and shows nothing.
      return stored ? Buffer.from(stored) : encodeWAMessage({});
    }
    if (delivery && !this.parts.ended.aborted) {
      await this.savePlaceholder(delivery.attrs);
    }
    throw error;
  }

  /** @returns what the stanza leaves out and is known here: the other address of its chat, or of the chat of a message within */
  private async extraOf(
    keys: SignalKeyStore,
    attrs: Record<string, string>,
    plaintext: Uint8Array,
  ): Promise<Record<string, string>> {
    const resentOf = attrs['category'] === 'peer' ? chatOfResent(plaintext) : undefined;
    if (resentOf === undefined) {
      return localAlternatives(keys, attrs);
    }
    const [other] = Object.values(await localAlternatives(keys, { from: resentOf }));
    return other === undefined ? {} : { [RESENT_OTHER]: other };
  }

  private async savePlaceholder(attrs: Record<string, string>): Promise<void> {
    const { socketKeys, onUnreadable } = this.parts;
    const extra = await localAlternatives(socketKeys, attrs);
    await socketKeys.receive([toPlaceholderRow({ ...extra, ...attrs })]);
    onUnreadable();
  }
}
