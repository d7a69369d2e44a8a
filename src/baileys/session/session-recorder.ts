import type { BaileysEventMap } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { accountOf, isLinked } from '../ownership/account-of.js';
import { serializeCredentials } from '../sealing/credentials-codec.js';
import { personAt } from '../outbound/receipt-chat.js';
import type { SessionContext } from './session-context.js';
import { readElsewhere, receiptsOf } from './session-events.js';
import type { OwnedSession } from '../storage/owned-session.js';

/** Stores what a session hears besides messages: credentials, receipts, and what was read on other devices. */
export class SessionRecorder {
  constructor(
    private readonly context: Pick<SessionContext, 'groupCommit' | 'receipts' | 'reads'>,
    private readonly log: Logger,
  ) {}

  /**
   * Stores the credentials as they are now, where they changed; those of an unfinished linking are worthless and not stored.
   * @param isForced also where they did not change: the write is refused when another process took the session over
   */
  saveCredentials(owned: OwnedSession, isForced = false): void {
    const { creds, handle } = owned;
    if (handle.revoked || !isLinked(creds)) {
      return;
    }
    const credentials = serializeCredentials(creds);
    if (credentials === owned.storedCredentials && !isForced) {
      return;
    }
    handle.account = accountOf(creds);
    this.log.info('Saving credentials');
    void this.context.groupCommit.append(handle, { credentials });
    owned.storedCredentials = credentials;
  }

  saveReceipts({ handle, keys }: OwnedSession, updates: BaileysEventMap['messages.update']): void {
    const store = keys.forSocket(() => true);
    for (const { chatJid, ...receipt } of receiptsOf(handle.instanceId, updates)) {
      const chat = chatJid === undefined ? handle.account : () => personAt(store, chatJid);
      this.context.receipts.add(receipt, chat);
    }
    for (const { chatJid, ...read } of readElsewhere(handle.instanceId, updates)) {
      this.context.reads.add(read, personAt(store, chatJid));
    }
  }
}
