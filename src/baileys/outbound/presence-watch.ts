import type { BaileysEventMap, WASocket } from '@whiskeysockets/baileys';
import { AppError } from '../../common/app-error.js';
import type { DomainEvents } from '../../common/domain-events.js';
import type { PersonAddress } from '../../common/inbox.js';
import { personAt } from './receipt-chat.js';

/** Nobody is watched for longer without being asked for again, in ms. */
export const WATCH_MS = 5 * 60_000;
/** Of one line. */
export const MAX_WATCHED = 50;
/** So many changes are looked up at a time; further ones are dropped. */
const MAX_LOOKUPS = 50;
/** The same again within so many ms is not told. */
const REPEAT_MS = 5_000;

type PresenceUpdate = BaileysEventMap['presence.update'];
export type PresenceChange = Omit<DomainEvents['chat.presence_changed'][0], 'organizationId' | 'instanceId'>;

interface Watched {
  person: PersonAddress;
  until: number;
  told?: { presence: string; at: number };
}

/**
 * Whether the people of some chats are there and typing, for as long as somebody wants to know. Meanwhile the account itself shows
 * as on line, for WhatsApp tells nobody else; its phone may stay silent as long.
 */
export class PresenceWatch {
  private readonly watched = new Map<string, Watched>();
  private lookups = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param onChange told of each change of who is watched */
  constructor(
    private readonly socket: Pick<WASocket, 'ev' | 'authState' | 'presenceSubscribe' | 'sendPresenceUpdate'>,
    private readonly onChange: (change: PresenceChange) => void,
  ) {
    socket.ev.on('presence.update', (update) => void this.heard(update));
    socket.ev.on('connection.update', ({ connection }) => {
      if (connection === 'close') {
        clearTimeout(this.timer);
        this.watched.clear();
      }
    });
  }

  /**
   * @param chatJid of a person
   * @returns until when the person is watched, in ISO 8601
   * @throws AppError `too_many_watched`
   */
  async add(chatJid: string): Promise<string> {
    this.forgetOld();
    const known = this.watched.get(chatJid);
    if (!known && this.watched.size >= MAX_WATCHED) {
      throw new AppError('too_many_watched');
    }
    const until = Date.now() + WATCH_MS;
    const person = known?.person ?? (await personAt(this.socket.authState.keys, chatJid));
    const isFirst = this.watched.size === 0;
    this.watched.set(chatJid, { ...known, person, until });
    this.timer ??= setTimeout(() => this.end(), WATCH_MS).unref();
    if (isFirst) {
      await this.socket.sendPresenceUpdate('available');
    }
    await this.socket.presenceSubscribe(chatJid);
    return new Date(until).toISOString();
  }

  private async heard({ id, presences }: PresenceUpdate): Promise<void> {
    const [presence] = Object.values(presences);
    if (this.watched.size === 0 || !presence || this.lookups >= MAX_LOOKUPS) {
      return;
    }
    this.lookups += 1;
    try {
      const person = await personAt(this.socket.authState.keys, id);
      const watched = [...this.watched.values()].find((one) => isSame(one.person, person));
      if (watched) {
        this.tell(watched, person, presence);
      }
    } catch {
      // It is not known who that is, and the next change tells it again.
    } finally {
      this.lookups -= 1;
    }
  }

  private tell(
    watched: Watched,
    person: PersonAddress,
    { lastKnownPresence: presence, lastSeen }: PresenceUpdate['presences'][string],
  ): void {
    const { phone = watched.person.phone, lid = watched.person.lid } = person;
    const now = Date.now();
    const from = phone ?? (lid === undefined ? undefined : `${lid}@lid`);
    const { told, until } = watched;
    const isRepeat = told?.presence === presence && now - told.at < REPEAT_MS;
    if (from === undefined || isRepeat || until < now) {
      return;
    }
    watched.told = { presence, at: now };
    const at = new Date(now);
    this.onChange({ from, presence, lastSeen: lastSeen ? new Date(lastSeen * 1_000) : undefined, at });
  }

  /** Those of whom nobody wants to know any more. */
  private forgetOld(): void {
    const now = Date.now();
    for (const [jid, { until }] of this.watched) {
      if (until <= now) {
        this.watched.delete(jid);
      }
    }
  }

  private end(): void {
    this.forgetOld();
    this.timer = undefined;
    if (this.watched.size > 0) {
      const first = Math.min(...[...this.watched.values()].map(({ until }) => until));
      this.timer = setTimeout(() => this.end(), Math.max(first - Date.now(), 0) + 1).unref();
    } else {
      this.socket.sendPresenceUpdate('unavailable').catch(() => undefined);
    }
  }
}

function isSame(one: PersonAddress, other: PersonAddress): boolean {
  return (
    (one.phone !== undefined && one.phone === other.phone) || (one.lid !== undefined && one.lid === other.lid)
  );
}
