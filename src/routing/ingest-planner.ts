import { Injectable } from '@nestjs/common';
import { InboxDecoder, type InboxRow, type ReceivedMessage } from '../common/inbox.js';
import { Logs } from '../logging/logs.js';
import type { IngestItem } from '../repositories/ingest-item.js';
import { OwnersRepository } from '../repositories/owners.repository.js';
import { classifyMessage } from './message-classifier.js';
import { OwnerDirectory } from './owner-directory.js';

/** Decides what becomes of claimed rows; writes nothing. */
@Injectable()
export class IngestPlanner {
  private readonly log: ReturnType<Logs['component']>;

  constructor(
    private readonly decoder: InboxDecoder,
    private readonly owners: OwnersRepository,
    logs: Logs,
  ) {
    this.log = logs.component('messageWorker');
  }

  /**
   * @param rows claimed rows, in order
   * @returns one item for each row, in the same order; a row that can't be decoded becomes `dead`
   * @throws AppError when the owners can't be read
   */
  async plan(rows: readonly InboxRow[]): Promise<IngestItem[]> {
    const directories = await this.readOwners(rows);
    return rows.map((row) =>
      this.planRow(row, directories.get(row.organizationId) ?? new OwnerDirectory([])),
    );
  }

  /** Read anew for each batch: a changed number or a newly linked instance counts from the next message on. */
  private async readOwners(rows: readonly InboxRow[]): Promise<Map<string, OwnerDirectory>> {
    const organizationIds = [...new Set(rows.map((row) => row.organizationId))];
    const addresses = await this.owners.listOwnerAddresses(organizationIds);
    return new Map(
      [...addresses].map(([organizationId, list]) => [organizationId, new OwnerDirectory(list)]),
    );
  }

  private planRow(row: InboxRow, owners: OwnerDirectory): IngestItem {
    try {
      const message = this.decoder.decode(row);
      return toItem(row, message, owners);
    } catch (err) {
      const reason = err instanceof Error ? err.message : 'unknown';
      this.log.error({ instanceId: row.instanceId, inboxId: row.id, reason }, 'message can not be decoded');
      return { inboxId: row.id, action: 'dead', reason };
    }
  }
}

function toItem(row: InboxRow, message: ReceivedMessage, owners: OwnerDirectory): IngestItem {
  const { action, reason } = classifyMessage(message, owners);
  if (action === 'skip') {
    return { inboxId: row.id, action, reason };
  }
  // A note to oneself has no other side: it is filed under the account's own address.
  const person = message.peer ?? message.sender;
  const written = {
    inboxId: row.id,
    reason,
    person,
    messageId: message.messageId,
    content: message.text,
    contentType: message.contentType,
    sentAt: message.sentAt,
  };
  // The name beside an owner's message is the owner's, not the contact's.
  return action === 'client' ? { ...written, action, pushName: message.pushName } : { ...written, action };
}
