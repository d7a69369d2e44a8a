import { Injectable } from '@nestjs/common';
import { InboxDecoder, type InboxRow, type ReceivedMessage } from '../common/inbox.js';
import type { MessageChange, SealedChange } from '../common/message-change.js';
import { type ChangeTarget, InboxRepository } from '../repositories/inbox.repository.js';
import type { IngestItem } from '../repositories/ingest-item.js';
import { messageSecretContext } from '../repositories/message-detail.js';
import { KeyRing } from '../secrets/key-ring.js';

type Read = ReceivedMessage | IngestItem;

interface Sealed {
  index: number;
  row: InboxRow;
  message: ReceivedMessage;
  change: SealedChange;
}

/** Opens changes that are sealed to the secret of their message, as far as that is here. */
@Injectable()
export class SealedChanges {
  constructor(
    private readonly decoder: InboxDecoder,
    private readonly inbox: InboxRepository,
    private readonly ring: KeyRing,
  ) {}

  /**
   * @param rows claimed rows
   * @param messages what was read of them, in the same order
   * @returns them with each sealed change that could be opened as what it is; asks nobody where there is none
   * @throws AppError when the database is away, or nobody can say now what opens the secrets
   */
  async openAll<T extends Read>(rows: readonly InboxRow[], messages: T[]): Promise<T[]> {
    const sealed: Sealed[] = [];
    messages.forEach((message, index) => {
      if ('contentClass' in message && message.change?.kind === 'sealed') {
        sealed.push({ index, row: rows[index]!, message, change: message.change });
      }
    });
    if (sealed.length === 0) {
      return messages;
    }
    const secrets = await this.secretsOf(sealed);
    const opened = [...messages];
    sealed.forEach(({ index, row, message, change }, place) => {
      const secret = secrets[place];
      const inside = secret && this.decoder.openSealed({ change, message, account: row.account, secret });
      if (inside) {
        opened[index] = { ...messages[index]!, change: inside satisfies MessageChange };
      }
    });
    return opened;
  }

  private async secretsOf(sealed: readonly Sealed[]): Promise<(Uint8Array | undefined)[]> {
    const targets = await this.inbox.findChangeTargets(
      sealed.map(({ row, message, change }) => ({
        inboxId: row.id,
        person: message.peer ?? message.sender,
        groupJid: message.groupJid,
        target: change.target,
      })),
    );
    const rows = targets.flatMap(({ row }) => row ?? []);
    const ofRow = await this.decoder.secretsOf(rows);
    const keys = await this.ring.forBodies(
      sealed.map(({ row }, place) => ({ instanceId: row.instanceId, body: targets[place]?.secret ?? null })),
    );
    const open = ({ secret, row }: ChangeTarget, { row: { instanceId }, change }: Sealed) =>
      secret
        ? keys.get(instanceId)?.open(secret, messageSecretContext(instanceId, change.target.messageId))
        : row && ofRow(row);
    return sealed.map((one, place) => {
      try {
        return open(targets[place]!, one);
      } catch {
        // Its key was shredded.
        return undefined;
      }
    });
  }
}
