import { FairQueue } from '../../common/fair-queue.js';

/**
 * `urgent`: a linked session for which a person waits. `returning`: one that comes back by itself. `pairing`: a phone is to be
 * linked, by which nobody loses a message that waits.
 */
export type StartKind = 'urgent' | 'returning' | 'pairing';

/** What wants to start, and whose it is. */
export interface Start {
  organizationId: string;
  kind: StartKind;
}

/** Gives a slot back. @param hasFailed whether WhatsApp could not be reached; undefined where the start says nothing about that */
export type GiveBack = (hasFailed?: boolean) => void;

/** Starts what waits. */
type Waiting = () => void;

/**
 * Whose turn it is, while others wait, too: what was on line goes before what was not, and after an outage that sends
 * thousands back, phones can be linked nevertheless.
 */
const KIND_ORDER: readonly StartKind[] = ['urgent', 'returning', 'urgent', 'returning', 'pairing'];
/** What an organization may have under way, as shares of all: the rest is for the others, whatever holds these up. */
const SHARE_OF_ONE = 0.8;
const SHARE_OF_PAIRINGS = 0.5;
const SHARE_OF_PAIRINGS_OF_ONE = 0.2;
/** How much longer the time between starts may become while they fail: each that fails doubles it, each that succeeds halves it. */
const MAX_SLOWNESS = 16;

/**
 * Bounds how many starts are under way at the same time, and how fast they follow each other: each one costs a handshake
 * and about seven queries, and after an outage all sessions come at once. Organizations take turns, so that none waits for
 * all that another one wants. Where starts fail one after the other, the next ones follow more slowly: whoever refuses them is not
 * stormed, and one that succeeds is enough for the pace to come back.
 */
export class ReconnectLimiter {
  private readonly lanes: Record<StartKind, FairQueue<Waiting>> = {
    urgent: new FairQueue(),
    returning: new FairQueue(),
    pairing: new FairQueue(),
  };
  private readonly underWay: Start[] = [];
  private turn = 0;
  private nextStartAt = 0;
  private slowness = 1;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param slots how many at a time
   * @param spacingMs time between two starts: half to one and a half of it, in ms
   * @param random a number from 0 to below 1
   */
  constructor(
    private readonly slots: number,
    private readonly spacingMs = 0,
    private readonly random: () => number = Math.random,
  ) {}

  get waitingCount(): number {
    return Object.values(this.lanes).reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Waits for a slot, and for its turn.
   * @param signal aborted once it is not wanted any more: it gives its place up, and settles at once
   * @returns gives the slot back, and says whether the start failed; may be called more than once, and the first counts
   */
  acquire(start: Start, signal?: AbortSignal): Promise<GiveBack> {
    return new Promise((resolve) => {
      const lane = this.lanes[start.kind];
      const waiting: Waiting = () => {
        signal?.removeEventListener('abort', giveUp);
        resolve(this.begin(start));
      };
      const giveUp = () => {
        if (lane.remove(start.organizationId, waiting)) {
          resolve(() => undefined);
        }
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      lane.push(start.organizationId, waiting);
      this.startNext();
    });
  }

  private startNext(): void {
    while (this.underWay.length < this.slots && this.waitingCount > 0) {
      const waitMs = this.nextStartAt - Date.now();
      if (waitMs > 0) {
        this.timer ??= setTimeout(() => {
          this.timer = undefined;
          this.startNext();
        }, waitMs);
        return;
      }
      const next = this.next();
      if (!next) {
        return;
      }
      this.nextStartAt = Date.now() + this.spacingMs * this.slowness * (0.5 + this.random());
      next();
    }
  }

  private next(): Waiting | undefined {
    for (let step = 0; step < KIND_ORDER.length; step++) {
      const turn = (this.turn + step) % KIND_ORDER.length;
      const kind = KIND_ORDER[turn]!;
      const next = this.lanes[kind].shift((organizationId) => this.mayStart({ organizationId, kind }));
      if (next) {
        this.turn = turn + 1;
        return next.item;
      }
    }
    return undefined;
  }

  private mayStart({ organizationId, kind }: Start): boolean {
    const own = this.underWay.filter((start) => start.organizationId === organizationId);
    if (own.length >= this.share(SHARE_OF_ONE)) {
      return false;
    }
    return (
      kind !== 'pairing' ||
      (this.underWay.filter(isPairing).length < this.share(SHARE_OF_PAIRINGS) &&
        own.filter(isPairing).length < this.share(SHARE_OF_PAIRINGS_OF_ONE))
    );
  }

  private share(part: number): number {
    return Math.max(1, Math.floor(this.slots * part));
  }

  private begin(start: Start): GiveBack {
    const held = { ...start };
    this.underWay.push(held);
    return (hasFailed) => {
      const index = this.underWay.indexOf(held);
      if (index >= 0) {
        this.underWay.splice(index, 1);
        if (hasFailed !== undefined) {
          const slowness = hasFailed ? this.slowness * 2 : this.slowness / 2;
          this.slowness = Math.min(Math.max(slowness, 1), MAX_SLOWNESS);
        }
        this.startNext();
      }
    };
  }
}

function isPairing({ kind }: Start): boolean {
  return kind === 'pairing';
}
