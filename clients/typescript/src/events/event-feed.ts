import { AuzapError } from '../auzap-error.js';
import { backoffMs, delay } from '../backoff.js';
import type { Calls } from '../calls.js';
import type { Activity, ToldPayload, WhatsappEventName } from '../generated/events.js';
import { reportUncaught } from '../report-error.js';
import { EventLine, type LineTarget } from './event-line.js';
import { EventQueue } from './event-queue.js';
import { Deferred } from './deferred.js';
import type { ClientEvent, CursorStore, EventsOptions, FeedState } from './events-options.js';

/** Works on an event; the next one waits for it. */
export type EventHandler<Name extends WhatsappEventName> = (payload: ToldPayload<Name>) => unknown;

const BOUND = 1_000;

/**
 * Events of an organization in their order, each stored one once, with all that was missed while the line, the service or this program was away.
 * Read it by `on`, or by `for await`: one of them. It connects when it is first read, and stays until `close`.
 */
export class EventFeed implements AsyncIterable<ClientEvent> {
  private readonly queue: EventQueue<ClientEvent>;
  private readonly handlers = new Map<string, Set<(payload: never) => unknown>>();
  private readonly all = new Set<(event: ClientEvent) => unknown>();
  private readonly firstJoin = new Deferred();
  private line: EventLine | undefined;
  private isPaused = false;
  private isReading = false;
  private isStarted = false;
  private current: FeedState = 'connecting';

  constructor(
    private readonly calls: Calls,
    private readonly options: EventsOptions,
  ) {
    this.queue = new EventQueue(options.bound ?? BOUND);
    // Whoever does not wait for it is told by the feed itself.
    this.firstJoin.promise.catch(() => undefined);
    if (options.signal?.aborted) {
      this.close();
    }
    options.signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  get state(): FeedState {
    return this.current;
  }

  /**
   * Works on each event of a name. An error of a handler goes to `onHandlerError`.
   * @returns takes the handler away
   */
  on<Name extends WhatsappEventName>(name: Name, handler: EventHandler<Name>): () => void {
    const own = this.handlers.get(name) ?? new Set();
    this.handlers.set(name, own.add(handler));
    this.pump();
    return () => own.delete(handler);
  }

  /**
   * Works on each event, whatever it is.
   * @returns takes the handler away
   */
  onEvery(handler: (event: ClientEvent) => unknown): () => void {
    this.all.add(handler);
    this.pump();
    return () => this.all.delete(handler);
  }

  /**
   * @returns once it listens: what happens from then on is told
   * @throws AuzapError where it ended before that
   */
  ready(): Promise<void> {
    this.start();
    return this.firstJoin.promise;
  }

  /**
   * An event counts as worked on when the next one is asked for.
   * @throws Error where the feed is read already; AuzapError that ended it
   */
  [Symbol.asyncIterator](): AsyncGenerator<ClientEvent, void, undefined> {
    if (this.isReading) {
      throw new Error('A feed is read once, by on() or by for await: open another one with client.events().');
    }
    this.isReading = true;
    this.start();
    return this.read();
  }

  /**
   * Tells the others of the organization what somebody does in a conversation (`whatsapp:activity`). Nothing is kept: repeat it every 20 s
   * while that goes on. While the feed is off line nobody is told.
   */
  showActivity(activity: Activity): void {
    this.line?.showActivity(activity);
  }

  /** Ends it; what waits is not worked on. */
  close(): void {
    this.queue.clear();
    this.finish(undefined);
  }

  private readonly onAbort = (): void => this.close();

  private async *read(): AsyncGenerator<ClientEvent, void, undefined> {
    try {
      for (;;) {
        const event = await this.queue.take();
        if (event === undefined) {
          return;
        }
        if (this.isPaused && this.queue.hasRoom) {
          this.isPaused = false;
          this.line?.open();
        }
        yield event;
        if (event.sequence !== undefined) {
          await this.remember(event.sequence);
        }
      }
    } catch (error) {
      this.finish(error);
      throw error;
    } finally {
      this.close();
    }
  }

  private pump(): void {
    if (!this.isReading) {
      this.dispatchAll().catch((error: unknown) => {
        if (!this.options.onState) {
          reportUncaught(error);
        }
      });
    }
  }

  private async dispatchAll(): Promise<void> {
    for await (const event of this) {
      for (const handler of this.handlers.get(event.name) ?? []) {
        await this.attempt(event, () => handler(event.payload as never));
      }
      for (const handler of this.all) {
        await this.attempt(event, () => handler(event));
      }
    }
  }

  private async attempt(event: ClientEvent, handle: () => unknown): Promise<void> {
    try {
      await handle();
    } catch (error) {
      (this.options.onHandlerError ?? reportUncaught)(error, event);
    }
  }

  private start(): void {
    if (!this.isStarted && this.current !== 'closed') {
      this.isStarted = true;
      this.openLine().catch((error: unknown) => this.finish(error));
    }
  }

  private async openLine(): Promise<void> {
    const { cursor, after, organizationId } = this.options;
    const known = (await this.known(cursor)) ?? after;
    const source = {
      url: new URL(this.calls.options.url),
      token: this.calls.options.token,
      organizationId: organizationId ?? this.calls.options.organizationId ?? (await this.onlyOrganization()),
      after: known,
    };
    if (this.state === 'closed') {
      return;
    }
    this.line = new EventLine(source, this.target());
    this.line.open();
  }

  private async known(cursor: CursorStore | undefined): Promise<number | undefined> {
    try {
      return await cursor?.load();
    } catch (cause) {
      throw new AuzapError('cursor_failed', 'The cursor could not be loaded.', { cause });
    }
  }

  private async remember(sequence: number): Promise<void> {
    try {
      await this.options.cursor?.save(sequence);
    } catch (cause) {
      throw new AuzapError('cursor_failed', 'The cursor could not be saved.', { cause });
    }
  }

  /** Of a token that belongs to one. A service that is away is waited for. */
  private async onlyOrganization(): Promise<string> {
    const { data } = await this.meWhenReachable();
    const [first, ...others] = data.me.organizations ?? [];
    if (first === undefined || others.length > 0) {
      throw new AuzapError('organization_id_required', 'Say whose events: organizationId is required.');
    }
    return first.id;
  }

  private async meWhenReachable() {
    for (let tries = 1; ; tries++) {
      try {
        return await this.calls.GET('/api/me');
      } catch (error) {
        const isPassing = error instanceof AuzapError && (error.status === 0 || error.status >= 500);
        if (!isPassing || this.state === 'closed') {
          throw error;
        }
        this.change('connecting', error);
        await delay(backoffMs(tries));
      }
    }
  }

  private target(): LineTarget {
    return {
      take: (event) => {
        this.queue.push(event);
        if (this.queue.isFull) {
          this.isPaused = true;
          this.line?.close();
        }
      },
      joined: (begin) => {
        if (begin !== undefined) {
          this.remember(begin).catch((error: unknown) => this.finish(error));
        }
        this.firstJoin.resolve();
      },
      expired: async (error) => {
        if (!this.options.onExpired) {
          throw error;
        }
        await this.options.onExpired(error);
      },
      changed: (state, error) => this.change(state, error),
      end: (error) => this.finish(error),
    };
  }

  private change(state: FeedState, error?: AuzapError): void {
    if (this.current !== 'closed') {
      this.current = state;
      this.options.onState?.(state, error);
    }
  }

  private finish(error: unknown): void {
    this.line?.close();
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.queue.close(error);
    this.firstJoin.reject(error ?? new AuzapError('closed', 'The feed was closed.'));
    this.change('closed', error instanceof AuzapError ? error : undefined);
  }
}
