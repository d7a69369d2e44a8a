import { Injectable } from '@nestjs/common';
import {
  InboxDecoder,
  type InboxRow,
  type InboxRows,
  type ReceivedMessage,
  type RowReader,
} from '../common/inbox.js';
import { Logs } from '../logging/logs.js';
import type { ClosingItem, IngestItem } from '../repositories/ingest-item.js';
import { classifyMessage } from './message-classifier.js';
import { type DetailOf, MessageDetails } from './message-details.js';
import { OwnerDirectory } from './owner-directory.js';
import { SealedChanges } from './sealed-changes.js';

const NO_OWNERS = new OwnerDirectory([]);

/** Decides what becomes of rows of the inbox; writes nothing, and reads no more than the keys that open them. */
@Injectable()
export class IngestPlanner {
  private readonly log: ReturnType<Logs['component']>;

  constructor(
    private readonly decoder: InboxDecoder,
    private readonly details: MessageDetails,
    private readonly sealed: SealedChanges,
    logs: Logs,
  ) {
    this.log = logs.component('messageWorker');
  }

  /**
   * @param received rows in order, with the owners of their organizations as they are now: a changed number or a newly
   *   linked instance counts from the next message on
   * @returns one item for each row, in the same order; a row that can't be decoded becomes `dead`
   * @throws AppError when it can't be known now what opens them
   */
  async plan({ rows, owners }: InboxRows): Promise<IngestItem[]> {
    const directories = new Map([...owners].map(([id, addresses]) => [id, new OwnerDirectory(addresses)]));
    const read = await this.decoder.readerOf(rows);
    const messages = await this.sealed.openAll(
      rows,
      rows.map((row) => this.read(row, read)),
    );
    const detailOf = await this.detailsOf(rows, messages);
    return rows.map((row, index) => {
      const message = messages[index]!;
      const owner = directories.get(row.organizationId) ?? NO_OWNERS;
      return 'action' in message ? message : toItem(row, message, owner, detailOf);
    });
  }

  /**
   * As `plan`, for rows in clear that have no id yet.
   * @returns for each row its item; undefined where it can't be decoded, which is for `plan` to say once the row is stored
   */
  async planEarly(
    rows: readonly InboxRow[],
    ownersOf: (organizationId: string) => OwnerDirectory,
  ): Promise<(IngestItem | undefined)[]> {
    const read = await this.decoder.readerOf(rows);
    const messages = rows.map((row) => {
      try {
        return read(row);
      } catch {
        return undefined;
      }
    });
    const detailOf = await this.detailsOf(rows, messages);
    return rows.map((row, index) => {
      const message = messages[index];
      // What takes more than a look at the row, or moves much, is for whoever has time for it.
      const isSlow = message?.change?.kind === 'sealed' || message?.change?.kind === 'delete';
      return isSlow ? undefined : message && toItem(row, message, ownersOf(row.organizationId), detailOf);
    });
  }

  private detailsOf(
    rows: readonly InboxRow[],
    messages: readonly (ReceivedMessage | IngestItem | undefined)[],
  ): Promise<DetailOf> {
    const read: [InboxRow, ReceivedMessage][] = [];
    messages.forEach((message, index) => {
      if (message && !('action' in message)) {
        read.push([rows[index]!, message]);
      }
    });
    return this.details.of(read);
  }

  /** @returns the message; what becomes of the row where it can't be decoded */
  private read(row: InboxRow, read: RowReader): ReceivedMessage | ClosingItem {
    try {
      return read(row);
    } catch (err) {
      const reason = err instanceof Error ? err.message : 'unknown';
      this.log.error({ instanceId: row.instanceId, inboxId: row.id, reason }, 'message can not be decoded');
      return { inboxId: row.id, action: 'dead', reason };
    }
  }
}

function toItem(
  row: InboxRow,
  message: ReceivedMessage,
  owners: OwnerDirectory,
  detailOf: DetailOf,
): IngestItem {
  const { action, reason } = classifyMessage(message, owners);
  const { messageId, sentAt } = message;
  // A note to oneself has no other side: it is filed under the account's own address.
  const person = message.peer ?? message.sender;
  const origin = { chatKind: message.chatKind, fromMe: message.fromMe, isResent: message.isResent };
  const known = { inboxId: row.id, reason, messageId, person, groupJid: message.groupJid };
  switch (action) {
    case 'skip':
      return isCopy(message) ? { ...known, action, origin } : { inboxId: row.id, action, reason };
    case 'change':
      return { ...known, action, sentAt, origin, change: message.change! };
    case 'history':
      return { inboxId: row.id, action, reason };
    case 'undecrypted':
      return { ...known, action, sentAt, origin };
    case 'owner_note':
      return { ...known, ...contentOf(message), action, sentAt, origin, detail: detailOf(row, message) };
    case 'client':
    case 'placeholder':
    case 'group':
      // The name beside an owner's message is the owner's, not the contact's.
      return {
        ...known,
        ...contentOf(message),
        action,
        sentAt,
        origin,
        pushName: message.pushName,
        detail: detailOf(row, message),
      };
  }
}

function contentOf(message: ReceivedMessage) {
  return { content: message.text, contentType: message.contentType };
}

/** A stanza may bring the keys of a group in one readable part and the message in another that is not. */
function isCopy({ contentClass, isPeerTraffic }: ReceivedMessage): boolean {
  return contentClass !== 'key_distribution' && contentClass !== 'undecryptable' && !isPeerTraffic;
}
