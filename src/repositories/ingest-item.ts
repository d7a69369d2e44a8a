import type { PersonAddress } from '../common/inbox.js';

/** How bookings are made of clients' messages. */
export type BookingPolicy = 'one-open' | 'every-message' | 'off';

interface ItemOfRow {
  /** `InboxRow.id`. */
  inboxId: string;
  /** Why it was classified so; kept on the row. A stable snake_case word. */
  reason: string;
}

interface WrittenMessage extends ItemOfRow {
  /** Stanza id. */
  messageId: string;
  /** What to show; never empty for a client's message. */
  content: string;
  contentType: string;
  /** WhatsApp's time. */
  sentAt: Date;
}

/** A client wrote: contact, message, booking, counters and event. */
export interface ClientItem extends WrittenMessage {
  action: 'client';
  /** The client; an item without any address becomes dead. */
  person: PersonAddress;
  pushName?: string | undefined;
}

/** The owner wrote: an internal note in the conversation with `person`, where there is one. */
export interface OwnerNoteItem extends WrittenMessage {
  action: 'owner_note';
  person?: PersonAddress | undefined;
}

/** Nothing to store (`skip`), or nothing that can be understood (`dead`). */
export interface ClosingItem extends ItemOfRow {
  action: 'skip' | 'dead';
}

/** What a worker decided about one claimed row. */
export type IngestItem = ClientItem | OwnerNoteItem | ClosingItem;
