import type { Activity, ClientEvent, EventFeed } from '@auzap/client';
import { api } from '../api/client.ts';

/** `starting`: nothing was joined yet; `live`: events come; `offline`: they will be caught up with. */
export type LiveState = 'starting' | 'live' | 'offline';

export interface LiveEvent {
  name: string;
  payload: Record<string, unknown> & { instanceId?: string; contactId?: string };
  /** Its place in the organization's events; absent for what is not stored, such as QR codes. */
  sequence?: number;
}

/** Told of each event, once, in order. */
export type EventListener = (event: LiveEvent) => void;

/** What ended for good, such as with a key that was revoked, is tried again all the same: it may have been made anew. */
const AGAIN_MS = 5_000;
/** A page is seldom slower than events come. */
const BOUND = 10_000;

/**
 * The page's one connection for events: the client's feed, which tells each once and in order, and what was missed first. It goes on for as
 * long as the page wants it.
 */
export class LiveConnection {
  state: LiveState = 'starting';
  private feed: EventFeed | undefined;
  /** Of the last event that was told, or where events began. */
  private sequence: number | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly stateListeners = new Set<() => void>();
  private readonly eventListeners = new Set<EventListener>();
  private readonly gapListeners = new Set<() => void>();

  constructor(private readonly organizationId: string) {}

  start(): void {
    const feed = api.events({
      organizationId: this.organizationId,
      cursor: {
        load: () => this.sequence,
        save: (sequence) => {
          if (this.sequence === undefined) {
            // What the page read may be from before the moment that events begin with.
            this.tellGap();
          }
          this.sequence = sequence;
        },
      },
      bound: BOUND,
      onExpired: () => this.tellGap(),
      onState: (state, error) => {
        if (this.feed !== feed) {
          return;
        }
        if (state === 'live') {
          this.become('live');
        } else if (state === 'closed') {
          this.become('offline');
          this.timer = setTimeout(() => this.start(), AGAIN_MS);
        } else if (state === 'connecting' && (this.state === 'live' || error !== undefined)) {
          this.become('offline');
        }
      },
    });
    this.feed = feed;
    feed.onEvery((event) => this.take(event));
  }

  stop(): void {
    clearTimeout(this.timer);
    const { feed } = this;
    this.feed = undefined;
    feed?.close();
  }

  readonly subscribe = (listener: () => void): (() => void) => add(this.stateListeners, listener);
  readonly snapshot = (): LiveState => this.state;

  /** @returns ends it */
  onEvent(listener: EventListener): () => void {
    return add(this.eventListeners, listener);
  }

  /** Told where events may have been missed, so that everything has to be read again. @returns ends it */
  onGap(listener: () => void): () => void {
    return add(this.gapListeners, listener);
  }

  /** Tells the others of the organization what somebody does in a conversation; while off line nobody is told. */
  showActivity(contactId: string, activity: Activity['activity']): void {
    if (this.state === 'live') {
      this.feed?.showActivity({ contactId, activity });
    }
  }

  private take({ name, payload, sequence }: ClientEvent): void {
    const event: LiveEvent = { name, payload: { ...payload }, ...(sequence !== undefined && { sequence }) };
    this.eventListeners.forEach((listener) => listener(event));
  }

  private tellGap(): void {
    this.gapListeners.forEach((listener) => listener());
  }

  private become(state: LiveState): void {
    if (this.state !== state) {
      this.state = state;
      this.stateListeners.forEach((listener) => listener());
    }
  }
}

function add<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
