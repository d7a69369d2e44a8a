import type { BaileysEventMap, ReachoutTimelockState, WASocket } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import type { AccountRestriction } from '../../common/account-restriction.js';
import type { OwnedSession } from '../storage/owned-session.js';
import type { StatusPublisher } from './status-publisher.js';

/** WhatsApp's word for a message that the account may not send: begins a chat while none may be begun. */
const REFUSED = '463';
/** Many refusals at once say one thing. */
const ASK_EVERY_MS = 60_000;
/** Longer than that no timer runs. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Clocks differ: what is asked at the very end is told that it goes on. */
const GRACE_MS = 1_000;
const MAX_REASON_LENGTH = 64;

/**
 * What WhatsApp limits of one account: it is told so, asked when a message was refused, and asked again when a limit ought to be over.
 * Each change is stored, and told.
 */
export class AccountRestrictions {
  /** As it was told last; undefined: not yet. */
  private known: AccountRestriction | null | undefined;
  private refusedAt = -Infinity;

  constructor(
    private readonly owner: { readonly owned: OwnedSession },
    private readonly statuses: Pick<StatusPublisher, 'publish'>,
    private readonly log: Logger,
  ) {}

  /** Whether something is limited, as far as is known. */
  get isRestricted(): boolean {
    return this.known === undefined ? this.owner.owned.isRestricted : this.known !== null;
  }

  /** A line is up: it is listened to until it ends. */
  opened(socket: WASocket): void {
    let timer: NodeJS.Timeout | undefined;
    socket.ev.on('connection.update', ({ reachoutTimeLock, connection }) => {
      if (reachoutTimeLock) {
        clearTimeout(timer);
        timer = this.askLater(socket, this.heard(reachoutTimeLock));
      }
      if (connection === 'close') {
        clearTimeout(timer);
      }
    });
    socket.ev.on('messages.update', (updates) => {
      if (updates.some(isRefusal) && Date.now() - this.refusedAt >= ASK_EVERY_MS) {
        this.refusedAt = Date.now();
        void this.ask(socket);
      }
    });
    if (this.isRestricted) {
      void this.ask(socket);
    }
  }

  private async ask(socket: WASocket): Promise<void> {
    try {
      // What comes of it is an update of the connection, too.
      await socket.fetchAccountReachoutTimelock();
    } catch (err) {
      this.log.warn({ err }, 'restriction of the account not known');
    }
  }

  private askLater(
    socket: WASocket,
    restriction: AccountRestriction | null,
  ): ReturnType<typeof setTimeout> | undefined {
    if (!restriction?.until) {
      return undefined;
    }
    const msLeft = Math.max(Date.parse(restriction.until) - Date.now(), 0) + GRACE_MS;
    return setTimeout(() => void this.ask(socket), Math.min(msLeft, MAX_TIMER_MS)).unref();
  }

  private heard(lock: ReachoutTimelockState): AccountRestriction | null {
    const restriction = restrictionOf(lock);
    if (JSON.stringify(restriction) !== JSON.stringify(this.known)) {
      this.known = restriction;
      this.log.warn({ restriction: restriction ?? 'none' }, 'restriction of the account');
      this.publish(restriction);
    }
    return restriction;
  }

  private publish(restriction: AccountRestriction | null): void {
    const { instanceId, epoch } = this.owner.owned.handle;
    const { kind, reason, until } = restriction ?? { kind: 'none' as const };
    const payload = {
      instanceId,
      kind,
      ...(reason && { reason }),
      ...(until && { until }),
      timestamp: new Date().toISOString(),
    };
    const event = { name: 'whatsapp:restricted' as const, payload };
    void this.statuses.publish({ instanceId, epoch, restriction, event });
  }
}

function isRefusal({ update }: BaileysEventMap['messages.update'][number]): boolean {
  return update.messageStubParameters?.[0] === REFUSED;
}

function restrictionOf(lock: ReachoutTimelockState): AccountRestriction | null {
  if (!lock.isActive) {
    return null;
  }
  const untilMs = lock.timeEnforcementEnds?.getTime() ?? NaN;
  return {
    kind: 'new_chats',
    reason: (lock.enforcementType ?? 'DEFAULT').toLowerCase().slice(0, MAX_REASON_LENGTH),
    until: Number.isNaN(untilMs) ? null : new Date(untilMs).toISOString(),
  };
}
