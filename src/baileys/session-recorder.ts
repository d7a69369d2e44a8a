import type { BaileysEventMap } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { accountOf, isLinked } from './account-of.js';
import { serializeCredentials } from './credentials-codec.js';
import type { SessionContext } from './session-context.js';
import { receiptsOf } from './session-events.js';
import type { OwnedSession } from './session-loader.js';

/** Stores what a session hears besides messages: credentials and receipts. */
export class SessionRecorder {
  constructor(
    private readonly context: Pick<SessionContext, 'commitLog' | 'receipts'>,
    private readonly log: Logger,
  ) {}

  /** Stores the credentials as they are now; those of an unfinished linking are worthless and not stored. */
  saveCredentials({ creds, handle }: OwnedSession): void {
    if (handle.poisoned || !isLinked(creds)) {
      return;
    }
    handle.account = accountOf(creds);
    this.log.info('Saving credentials');
    void this.context.commitLog.append(handle, { credentials: serializeCredentials(creds) });
  }

  saveReceipts({ handle }: OwnedSession, updates: BaileysEventMap['messages.update']): void {
    for (const receipt of receiptsOf(handle.instanceId, updates)) {
      this.context.receipts.add(receipt);
    }
  }
}
