import type { StoredDataKey, WrappedKey } from '../common/data-keys.js';
import type { InboxRows, PersonAddress } from '../common/inbox.js';
import type { PlainBody } from '../common/plain-body.js';

/** What a process needs to run a session, read in the moment of taking it over. */
export interface AcquiredSession {
  /** Names this ownership; every write of the session carries it. */
  epoch: number;
  organizationId: string;
  phoneNumber: string | null;
  accountPhone: string | null;
  accountLid: string | null;
  pairingMethod: 'code' | 'qr';
  /** Sealed credentials; null for a session that was never linked. */
  sessionData: Buffer | null;
  /** Sealed Signal keys except pre-keys, the most recently written first. */
  keys: SessionKeyValue[];
  /** `keys` holds all of them; otherwise the rest (beyond 500, or 256 kB) must be read when needed. */
  keysComplete: boolean;
  /** The device is to be taken off the account: for how long that is still tried, in ms; null: it is not. */
  logoutMs: number | null;
  /** What the session's values, and the bodies of its messages, are sealed with. */
  dataKeys: { session: StoredDataKey[]; inbox: StoredDataKey[] };
}

/** New data keys, for those that an instance lacks when it is taken over. */
export interface OfferedDataKeys {
  /** Of all keys that are configured; that of the one that wraps comes first. A data key that another one wrapped is replaced. */
  masterIds: Buffer[];
  session: WrappedKey;
  inbox: WrappedKey;
}

/** Another node runs the session. */
export interface HeldElsewhere {
  /** The node's id. */
  heldBy: string;
}

export interface SessionKeyValue {
  type: string;
  id: string;
  /** Sealed. */
  value: Buffer;
}

/** A received message, as the session writes it in the transaction of its ratchet step. */
export interface NewInboxRow {
  instanceId: string;
  /** Stanza id, chosen by the sender. */
  messageId: string;
  chat: string;
  sender: string;
  /** See `InboxRow.hash`; a second row with the same hash is left out. */
  hash: string;
  attrs: Record<string, string>;
  encryption: string;
  /** Sealed. */
  body: Buffer | null;
  /** The body in clear, for a worker in this process: is not written, and handed back with the rows that are new. */
  plain?: PlainBody | null;
  account: PersonAddress;
  receivedAt: Date;
}

/** Credentials to store; an account field left out stays as it is. */
export interface CredentialsWrite {
  instanceId: string;
  /** Sealed. */
  sessionData: Buffer;
  accountPhone?: string | null | undefined;
  accountLid?: string | null | undefined;
}

/** One numbered batch of the group commit; committed as a whole or not at all. */
export interface SessionBatch {
  /** UUID of the log that numbers its batches. */
  writer: string;
  /** From 1, without gaps; a repeated number does nothing. */
  seq: number;
  /** Every instance that the batch writes for, once, with the epoch its rows were made under. */
  epochs: { instanceId: string; epoch: number }[];
  credentials: CredentialsWrite[];
  /** Each (instance, type, id) at most once over `upserts` and `deletes`. */
  upserts: (SessionKeyValue & { instanceId: string })[];
  deletes: { instanceId: string; type: string; id: string }[];
  /** In order of arrival. */
  inbox: NewInboxRow[];
  /** Answer with the new inbox rows. */
  wantsInbox?: boolean;
  /** Sent so that nothing between here and the database can read it: what people wrote may look like an attack. */
  isEncoded?: boolean;
}

/** How a batch was committed. */
export interface CommitResult {
  /** `already`: by an earlier attempt. */
  outcome: 'committed' | 'already';
  /** The new inbox rows, where they were asked for and this attempt stored them. */
  received?: InboxRows;
}
