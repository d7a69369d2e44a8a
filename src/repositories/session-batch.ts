import type { StoredDataKey, WrappedKey } from '../common/data-keys.js';
import type { InboxRow, InboxRows, PersonAddress } from '../common/inbox.js';
import type { PlainBody } from '../common/plain-body.js';
import type { OutgoingEvent } from '../common/whatsapp-events.js';
import type { BookingPolicy, IngestItem } from './ingest-item.js';

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
  /** WhatsApp limited the account when it was asked last. */
  isRestricted: boolean;
  /** Whether it keeps what is written in groups. */
  storesGroups: boolean;
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
  /** Ingest rows of `inbox` in the same transaction; not together with the other two. */
  ingest?: EarlyIngest | undefined;
  /** Sent so that nothing between here and the database can read it: what people wrote may look like an attack. */
  isEncoded?: boolean;
}

/** What is to be ingested in the transaction that stores its rows. */
export interface EarlyIngest {
  bookingPolicy: BookingPolicy;
  /** What was decided about rows of the batch; of one instance those of its first rows, without a gap. */
  items: ReadonlyMap<NewInboxRow, IngestItem>;
  /** By organization: the `OwnerVersion.version` that this was decided with. */
  ownerVersions: ReadonlyMap<string, string>;
}

/** The addresses that are an organization's own, as they were at some moment. */
export interface OwnerVersion {
  /** Names exactly these addresses. */
  version: string;
  addresses: readonly PersonAddress[];
}

/** What came of an `EarlyIngest`. */
export interface EarlyIngested {
  /** Stored now, those of one organization in sequence. */
  events: OutgoingEvent[];
  /** How many rows were ingested. */
  processed: number;
  /** SQLSTATE of what kept all items from being ingested. */
  fault?: string | undefined;
  /** The new rows that were not, as a worker would claim them: they wait in the table. */
  waiting: InboxRow[];
  /** Where versions were missing or are others by now: of all organizations. */
  owners?: ReadonlyMap<string, OwnerVersion> | undefined;
}

/** How a batch was committed. */
export interface CommitResult {
  /** `already`: by an earlier attempt. */
  outcome: 'committed' | 'already';
  /** The new inbox rows, where they were asked for and this attempt stored them. */
  received?: InboxRows;
  /** What came of `ingest`, where it was given and this attempt stored the batch. */
  ingested?: EarlyIngested;
}

/** @returns the row as a worker would claim it; in clear where the caller has it so */
export function asInboxRow(row: NewInboxRow, id: string, organizationId: string): InboxRow {
  const { instanceId, attrs, encryption, hash, receivedAt, account } = row;
  const body = row.plain ?? row.body;
  return { id, organizationId, instanceId, attrs, encryption, hash, body, receivedAt, account, attempts: 0 };
}
