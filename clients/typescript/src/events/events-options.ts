import type { AuzapError } from '../auzap-error.js';
import type { StoredEventName, ToldPayload, WhatsappEventName } from '../generated/events.js';

/** An event as it is told; `sequence` is its place in the organization's list, for those that are stored. */
export type ClientEvent = {
  [Name in WhatsappEventName]: {
    name: Name;
    payload: ToldPayload<Name>;
    sequence: Name extends StoredEventName ? number : undefined;
  };
}[WhatsappEventName];

/** Remembers how far events were worked on, over restarts of the program that does. */
export interface CursorStore {
  /** @returns the sequence that was saved last; undefined at first */
  load(): number | undefined | Promise<number | undefined>;
  /** Called after an event was worked on, and before the next one is given out. */
  save(sequence: number): void | Promise<void>;
}

/** `connecting`: it is off line, and tries. `catching-up`: what was missed comes. `live`. `closed`: for good. */
export type FeedState = 'connecting' | 'catching-up' | 'live' | 'closed';

/** What to hear, and from where on. */
export interface EventsOptions {
  /** Whose events; by default that of the client. */
  organizationId?: string | undefined;
  /** Sequence of the last event that is known already; 0 gives all that are kept. By default it begins with what comes. */
  after?: number | undefined;
  /** Takes the place of `after` once it has something. */
  cursor?: CursorStore | undefined;
  /** Told of each change, with the error that led there, if any. */
  onState?: ((state: FeedState, error?: AuzapError) => void) | undefined;
  /**
   * Some of what was missed is not kept any more (`events_expired`): read the lists anew here, then it goes on with the oldest event that is
   * kept. Without it the feed ends with that error.
   */
  onExpired?: ((error: AuzapError) => void | Promise<void>) | undefined;
  /** Told what a handler of `on` threw; by default that ends the feed. */
  onHandlerError?: ((error: unknown, event: ClientEvent) => void) | undefined;
  /** Ends the feed. */
  signal?: AbortSignal | undefined;
  /** How many events wait for a slow reader at most, until the line is closed for a while (default 1,000). */
  bound?: number | undefined;
}
