import type { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { SHARED_SLICE } from './loop-slice.js';
import type { StallTimer } from './stall-timer.js';

const EVENT = 'CB:message';
/**
 * Stanzas that may wait before reading from the line pauses, and how few it takes to go on. Few, because what is read at
 * once is decoded at once, while nobody else has a turn.
 */
const PAUSE_ABOVE = 50;
const RESUME_BELOW = 20;

type StanzaHandler = (stanza: BinaryNode) => unknown;

/** The part of a `ws` socket that stops and resumes reading. */
export interface Pausable {
  pause(): void;
  resume(): void;
}

/**
 * Hands `<message>` stanzas to Baileys one after the other, in the order of their arrival.
 *
 * Left alone, Baileys 7.0.0-rc14 lets them overtake each other: stanzas with an `offline` attribute go through a queue
 * of their own (Utils/offline-node-processor.js), and one that brings a new address pair waits for its session to be
 * moved before it takes the mutex (Socket/messages-recv.js, `handleMessage`). A chat would then be stored out of order.
 * The `offline` attribute is taken off, so that such a stanza waits for its turn here and is not queued twice; Baileys
 * uses it for nothing else but the type of an event that this service does not rely on.
 */
export class StanzaTurns {
  private readonly waiting: BinaryNode[] = [];
  private readonly handlers: StanzaHandler[];
  private isRunning = false;
  private isPaused = false;
  private isOver = false;

  /**
   * Takes the place of the listeners that are there now.
   * @param emitter Baileys' socket client, which emits each stanza
   * @param line reading from it is paused while too many stanzas wait
   * @param onError told of a handler that failed; the next stanza is handled all the same
   * @param stall trips when a stanza's handling does not end
   */
  constructor(
    emitter: EventEmitter,
    private readonly line: Pausable,
    private readonly onError: (error: unknown) => void,
    private readonly stall: Pick<StallTimer, 'progress' | 'end'>,
  ) {
    this.handlers = emitter.listeners(EVENT) as StanzaHandler[];
    emitter.removeAllListeners(EVENT);
    emitter.on(EVENT, (stanza: BinaryNode) => this.take(stanza));
  }

  /** How many stanzas wait for their turn. */
  get waitingCount(): number {
    return this.waiting.length;
  }

  /** Reading from the line is paused: nothing can be heard. */
  get isReadingPaused(): boolean {
    return this.isPaused;
  }

  /** Forgets what waits: the connection is over, and WhatsApp still has it. */
  end(): void {
    this.isOver = true;
    this.waiting.length = 0;
    this.stall.end();
  }

  private take(stanza: BinaryNode): void {
    if (this.isOver) {
      return;
    }
    const { offline: _offline, ...attrs } = stanza.attrs;
    this.waiting.push({ ...stanza, attrs });
    if (!this.isPaused && this.waiting.length > PAUSE_ABOVE) {
      this.isPaused = true;
      this.line.pause();
    }
    if (!this.isRunning) {
      this.isRunning = true;
      void this.run();
    }
  }

  private async run(): Promise<void> {
    for (let stanza = this.waiting.shift(); stanza !== undefined; stanza = this.waiting.shift()) {
      this.stall.progress();
      for (const handler of this.handlers) {
        try {
          await handler(stanza);
        } catch (error) {
          this.onError(error);
        }
      }
      if (this.isPaused && this.waiting.length < RESUME_BELOW && !this.isOver) {
        this.isPaused = false;
        this.line.resume();
      }
      await SHARED_SLICE.pause();
    }
    this.stall.end();
    this.isRunning = false;
  }
}
