import type { WASocket } from '@whiskeysockets/baileys';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { DomainEventBus } from '../../common/domain-events.js';
import type { GroupsRepository } from '../../repositories/groups.repository.js';
import { type GroupNotice, readGroupState } from '../decoding/group-notice.js';

/** More waiting than this: the next message of a group asks once more. */
const MAX_WAITING = 1_000;
/** How long a group that was looked at, whatever came of it, is left alone, in ms. */
const REST_MS = 10 * 60_000;

/** Learns of an instance's groups who is in them and what they are called: from what is told of changes, and by asking once for each group. */
export class GroupLearner {
  private readonly seen = new LRUCache<string, true>({ max: MAX_WAITING * 2, ttl: REST_MS });
  private readonly waiting = new Set<string>();
  private isAtWork = false;

  /** @param line the socket that is open, if one is */
  constructor(
    private readonly instanceId: string,
    private readonly line: { readonly openSocket: Pick<WASocket, 'groupMetadata'> | undefined },
    private readonly groups: Pick<GroupsRepository, 'isUnknown' | 'learn' | 'noteChanges'>,
    private readonly bus: Pick<DomainEventBus, 'emit'>,
    private readonly log: Logger,
  ) {}

  /** Something was written or changed in a group: WhatsApp is asked about it soon, one group at a time, where nobody did that before. */
  add(jid: string): void {
    if (this.seen.has(jid) || this.waiting.size >= MAX_WAITING) {
      return;
    }
    this.seen.set(jid, true);
    this.waiting.add(jid);
    if (!this.isAtWork) {
      this.isAtWork = true;
      setImmediate(() => void this.work());
    }
  }

  /** @throws AppError `database_unavailable` */
  async note({ jid, ...notice }: GroupNotice): Promise<void> {
    this.announce(await this.groups.noteChanges(this.instanceId, jid, notice));
    if (notice.changes.some(({ kind }) => kind === 'create' || kind === 'description')) {
      this.seen.delete(jid);
    }
    this.add(jid);
  }

  /** Never rejects. */
  private async work(): Promise<void> {
    for (const jid of this.waiting) {
      this.waiting.delete(jid);
      try {
        await this.learn(jid);
      } catch (err) {
        // It is asked once more later: what is written there is stored meanwhile.
        this.log.warn({ err }, 'group not learnt');
      }
    }
    this.isAtWork = false;
  }

  private async learn(jid: string): Promise<void> {
    if (!(await this.groups.isUnknown(this.instanceId, jid))) {
      return;
    }
    const { openSocket } = this.line;
    if (!openSocket) {
      this.seen.delete(jid);
      return;
    }
    const state = readGroupState(await openSocket.groupMetadata(jid));
    this.announce(await this.groups.learn(this.instanceId, jid, state));
  }

  private announce(events: Awaited<ReturnType<GroupsRepository['learn']>>): void {
    if (events.length > 0) {
      this.bus.emit('events.committed', events);
    }
  }
}
