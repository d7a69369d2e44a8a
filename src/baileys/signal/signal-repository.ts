import { AsyncLocalStorage } from 'node:async_hooks';
import { type AuthenticationCreds, type BinaryNode, jidDecode } from '@whiskeysockets/baileys';
import { signalAddressLock } from '../patches/address-lock.js';
import { passNewPreKeysOn } from '../patches/new-pre-keys.js';
import { makeSignalBase, type MakeSignalRepository } from '../patches/signal-base.js';
import { FastReceive, type ReceivedMessage } from './fast-receive.js';
import { LidMisses } from './lid-lookup.js';
import { ReceivedStanzas, type ReceivedStanzasParts } from './received-stanzas.js';
import { letRequestsStepAside } from './request-detour.js';
import { watchTransactions } from './transaction-watch.js';
import { TransactionsUnderWay, userLockOf } from './transactions-under-way.js';

/** What one socket needs of the hardened repository. */
export interface HardenedRepository {
  makeSignalRepository: MakeSignalRepository;
  /** To be called with each `<message>` stanza before Baileys sees it: as `ReceivedStanzas.observe`. */
  observe: (stanza: BinaryNode) => Promise<boolean>;
  /** As `FastReceive.receive`; to be asked before `observe`. */
  receive: (stanza: BinaryNode) => ReceivedMessage | undefined;
}

/**
 * Wraps Baileys' signal repository (a public option) so that
 * - a decrypted message is stored in the same transaction as its ratchet step, and a redelivered one is answered from there;
 * - of a message that can't be read a placeholder is stored, before WhatsApp is asked for a new copy;
 * - sending and receiving for one contact exclude each other, and a send's ratchet step is stored before its stanza leaves;
 * - sessions of one process can't pull each other out of their transactions (see `signalAddressLock`);
 * - a new pre-key is stored before a retry receipt offers it.
 *
 * @param parts what the socket's stanzas are stored with
 * @param watch how long a transaction may take, in ms, and who is told of one that takes longer
 */
export function hardenedRepository(
  parts: ReceivedStanzasParts,
  watch: { limitMs: number; onHeld: () => void },
): HardenedRepository {
  const stanzas = new ReceivedStanzas(parts);
  const misses = new LidMisses();
  const transactions = new TransactionsUnderWay();
  let lane: FastReceive | undefined;
  let account: Pick<AuthenticationCreds, 'me'> = {};

  const makeSignalRepository: MakeSignalRepository = (auth, logger, lidQuery) => {
    const { socketKeys } = parts;
    const { base, keys, creds } = makeSignalBase(
      [auth, logger, lidQuery && misses.around(lidQuery)],
      (own) => {
        passNewPreKeysOn(own, socketKeys);
        socketKeys.inbox.carryOn(own, (rows) => socketKeys.receive(rows));
        watchTransactions(own, watch.limitMs, watch.onHeld);
        letRequestsStepAside(own);
        transactions.watch(own);
      },
    );
    account = creds;
    lane = new FastReceive({ socketKeys, creds, lidMapping: base.lidMapping, transactions });
    // Taken while the socket is made: leaves whatever transaction a caller happens to be in (relayMessage's).
    const outside = AsyncLocalStorage.snapshot();

    const userLock = async (jid: string) =>
      userLockOf(userOf((await base.lidMapping.getLIDForPN(jid)) ?? jid));
    const onAddress = <T>(jid: string, work: () => Promise<T>) =>
      signalAddressLock.run(base.jidToSignalProtocolAddress(jid), work);
    const withUser = <T>(jid: string, work: () => Promise<T>): Promise<T> =>
      outside(async () => keys.transaction(work, await userLock(jid)));
    const isolated = <T>(jid: string, work: () => Promise<T>): Promise<T> =>
      withUser(jid, () => onAddress(jid, work));
    const inGroup = <T>(group: string, work: () => Promise<T>): Promise<T> =>
      outside(() => keys.transaction(work, `grp:${group}`));

    /** Decrypts first: a failing decryption writes nothing, so only then the inbox needs to be asked. */
    const received = async (
      ciphertext: Uint8Array,
      decrypt: () => Promise<Uint8Array>,
    ): Promise<Uint8Array> => stanzas.decrypted(keys, ciphertext, await decrypt());
    const orStored = (ciphertext: Uint8Array, decrypting: Promise<Uint8Array>): Promise<Uint8Array> =>
      decrypting.catch((error: unknown) => stanzas.failed(ciphertext, error));

    return {
      ...base,
      decryptMessage: (message) =>
        orStored(
          message.ciphertext,
          withUser(message.jid, () =>
            received(message.ciphertext, () => onAddress(message.jid, () => base.decryptMessage(message))),
          ),
        ),
      decryptGroupMessage: (message) =>
        orStored(
          message.msg,
          inGroup(message.group, () => received(message.msg, () => base.decryptGroupMessage(message))),
        ),
      encryptMessage: (message) => isolated(message.jid, () => base.encryptMessage(message)),
      injectE2ESession: (session) => isolated(session.jid, () => base.injectE2ESession(session)),
      migrateSession: (from, to) =>
        outside(() => keys.transaction(() => base.migrateSession(from, to), userLockOf(userOf(to)))),
      encryptGroupMessage: (message) => inGroup(message.group, () => base.encryptGroupMessage(message)),
      getSenderKeyDistributionMessage: (message) =>
        inGroup(message.group, () => base.getSenderKeyDistributionMessage(message)),
    };
  };

  return {
    makeSignalRepository,
    observe: (stanza) => stanzas.observe(stanza, account),
    receive: (stanza) => lane?.receive(stanza),
  };
}

function userOf(jid: string): string {
  return jidDecode(jid)?.user ?? jid;
}
