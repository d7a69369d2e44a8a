import type { SendFailureCode } from '../../common/send-failures.js';
import { hasFile } from '../../common/outgoing-content.js';
import type { OutboundMessage } from '../../repositories/outbound-message.js';

/**
 * How sending a message went, as far as it is known. `cause` is for the log: what WhatsApp or its library said.
 */
export type Outcome =
  | { status: 'sent'; at?: string | undefined }
  | { status: 'unknown' }
  | { status: 'failed'; reason: SendFailureCode; cause?: string };

/**
 * - `preparing`: its file is on the way to WhatsApp
 * - `waiting`: to be written, for the first time or again
 * - `writing`: Baileys is at it
 * - `written`: WhatsApp's acknowledgement is due
 * - `doubtful`: it may or may not have left
 * - `over`: it is known how it went
 */
export type SendState = 'preparing' | 'waiting' | 'writing' | 'written' | 'doubtful' | 'over';

/** A message on its way out of this process, until it is known how that went. */
export class PendingSend {
  private current: SendState = 'waiting';
  private readonly known = Promise.withResolvers<Outcome>();
  private readonly done = Promise.withResolvers<void>();
  private connection: object | undefined;
  private timer: NodeJS.Timeout | undefined;
  private tries: number;
  private hasSettled = false;
  /** What is to be encrypted, where it is more than a plain text and once it was made. */
  payload: Uint8Array | undefined;
  /** When its state changed, in ms since the epoch. */
  changedAt = Date.now();

  /**
   * @param isRepeat the database must be asked before it is written
   * @param onChange called when there may be room for another message, and when nothing is left to be done for this one
   */
  constructor(
    readonly message: OutboundMessage,
    public isRepeat: boolean,
    private readonly onChange: (pending: PendingSend) => void,
  ) {
    // What WhatsApp refused did not arrive.
    this.tries = isRepeat && message.status !== 'failed' ? 1 : 0;
  }

  get state(): SendState {
    return this.current;
  }

  /** Its file must be brought to WhatsApp before it is written. */
  get lacksFile(): boolean {
    const { request, payload } = this.message;
    return request !== null && payload === null && this.payload === undefined && hasFile(request);
  }

  get isOver(): boolean {
    return this.current === 'over';
  }

  /** It is over, and nothing is left to be stored about it. */
  get isSettled(): boolean {
    return this.hasSettled;
  }

  /** Whether an earlier try than the current one may have arrived. */
  get mayHaveArrived(): boolean {
    return this.tries > 1;
  }

  /** Settles when a caller may be told how it went; never rejects. */
  get outcome(): Promise<Outcome> {
    return this.known.promise;
  }

  /** Settles when nothing is left to be stored about it either; never rejects. */
  get isDone(): Promise<void> {
    return this.done.promise;
  }

  /** To be written again, after the database was asked. */
  repeat(): void {
    if (!this.isOver) {
      this.isRepeat = true;
      this.become('waiting');
    }
  }

  /** Its file is being brought to WhatsApp, by way of this connection. */
  preparing(connection: object): void {
    this.connection = connection;
    this.become('preparing');
  }

  /** Its file is there, or could not be brought there before the connection was lost. */
  prepared(connection: object, payload?: Uint8Array): void {
    if (this.isPreparingOn(connection)) {
      this.payload = payload;
      this.become('waiting');
      this.onChange(this);
    }
  }

  /** False once its file is there, or is to be brought there by way of a newer connection. */
  isPreparingOn(connection: object): boolean {
    return this.current === 'preparing' && this.connection === connection;
  }

  /** It is being written to this connection. */
  writing(connection: object): void {
    this.connection = connection;
    this.tries += 1;
    this.become('writing');
  }

  /** Nothing left in the current try. */
  neverLeft(): void {
    this.tries -= 1;
  }

  /** False once it was acknowledged, or is to be written again on a newer connection. */
  isWritingOn(connection: object): boolean {
    return this.current === 'writing' && this.connection === connection;
  }

  /** @param onSilence called when no acknowledgement came in time */
  written(ackMs: number, onSilence: () => void): void {
    this.become('written');
    this.timer = setTimeout(onSilence, ackMs);
  }

  /** Nothing tells whether it left. @param pauseMs after which it is written again, unless that happens before */
  doubt(pauseMs?: number): void {
    this.become('doubtful');
    if (pauseMs !== undefined) {
      this.timer = setTimeout(() => {
        this.repeat();
        this.onChange(this);
      }, pauseMs);
    }
    this.onChange(this);
  }

  /** From here on it is not written any more; `settle` tells the caller who waits. */
  finish(): void {
    this.become('over');
    this.onChange(this);
  }

  /** Tells the caller who waits, while the outcome is yet to be stored. The first that is told stays. */
  tell(outcome: Outcome): void {
    this.finish();
    this.known.resolve(outcome);
  }

  /** Ends it: nothing is left to be stored about it. */
  settle(outcome: Outcome): void {
    this.hasSettled = true;
    this.done.resolve();
    this.tell(outcome);
  }

  private become(state: SendState): void {
    clearTimeout(this.timer);
    this.current = state;
    this.changedAt = Date.now();
  }
}
