import type { BinaryNode } from '@whiskeysockets/baileys';
import { FairQueue } from '../../common/fair-queue.js';
import { MESSAGE_STEPS, passed } from '../../common/message-steps.js';
import { ChatNames } from '../decoding/chat-names.js';
import { SHARED_YIELD } from './event-loop-yield.js';
import type { RawSocket } from '../patches/raw-socket.js';
import type { StanzaHandler } from '../patches/stanza-listeners.js';
import { ReadAhead } from './read-ahead.js';
import type { StallTimer } from './stall-timer.js';

/**
 * Stanzas that may wait before reading from the line pauses, and how few it takes to go on. Few, because what is read at
 * once is decoded at once, while nobody else has a turn.
 */
const PAUSE_ABOVE = 50;
const RESUME_BELOW = 20;
/**
 * Of one chat so many count, so that a flood of one person does not keep others' messages on the line. What more of it waits is
 * bounded by `ReadAhead`.
 */
const COUNTED_OF_CHAT = 10;
/** What a stanza takes besides its content, roughly, in bytes. */
const STANZA_OVERHEAD = 2_048;

interface Waiting {
  stanza: BinaryNode;
  bytes: number;
  handle: StanzaHandler;
}

/**
 * Hands `<message>` stanzas on one after the other: of a chat in the order of their arrival, and the chats in turn,
 * so that whatever one person sends, another's message waits for one stanza of each chat before it.
 *
 * Left alone, Baileys 7.0.0-rc14 lets them overtake each other: stanzas with an `offline` attribute go through a queue
 * of their own (Utils/offline-node-processor.js), and one that brings a new address pair waits for its session to be
 * moved before it takes the mutex (Socket/messages-recv.js, `handleMessage`). A chat would then be stored out of order.
 * The `offline` attribute is taken off, so that such a stanza waits for its turn here and is not queued twice; Baileys
 * uses it for nothing else but the type of an event that this service does not rely on.
 */
export class StanzaQueue {
  private readonly waiting = new FairQueue<Waiting>();
  private readonly names = new ChatNames();
  private readonly readAhead = new ReadAhead();
  /** Waiting stanzas, of each chat `COUNTED_OF_CHAT` at most. */
  private counted = 0;
  private chat: string | undefined;
  private isRunning = false;
  private isPaused = false;
  private isOver = false;

  /**
   * @param line reading from it is paused while too many stanzas wait
   * @param onError told of a handler that failed; the next stanza is handled all the same
   * @param stall trips when a stanza's handling does not end
   */
  constructor(
    private readonly line: Pick<RawSocket, 'pause' | 'resume'>,
    private readonly onError: (error: unknown) => void,
    private readonly stall: Pick<StallTimer, 'progress' | 'end'>,
  ) {}

  /** How many stanzas wait for their turn. */
  get waitingCount(): number {
    return this.waiting.size;
  }

  /** The chat whose stanza is being handled. */
  get currentChat(): string | undefined {
    return this.chat;
  }

  /** Reading from the line is paused: nothing can be heard. */
  get isReadingPaused(): boolean {
    return this.isPaused;
  }

  /** Forgets what waits: the connection is over, and WhatsApp still has it. */
  end(): void {
    this.isOver = true;
    this.waiting.clear();
    this.readAhead.clear();
    this.stall.end();
  }

  /** @param handle what to do with it when its turn has come; the next one has its turn when that is over */
  take(stanza: BinaryNode, handle: StanzaHandler): void {
    if (this.isOver) {
      return;
    }
    passed(MESSAGE_STEPS.read, stanza);
    const { offline: _offline, ...attrs } = stanza.attrs;
    const bytes = bytesOf(stanza) + STANZA_OVERHEAD;
    const chat = this.names.of(attrs);
    this.waiting.push(chat, { stanza: { ...stanza, attrs }, bytes, handle });
    this.readAhead.add(bytes);
    this.counted += this.waiting.sizeOf(chat) <= COUNTED_OF_CHAT ? 1 : 0;
    if (!this.isPaused && (this.counted > PAUSE_ABOVE || this.isTooMuch())) {
      this.isPaused = true;
      this.line.pause();
    }
    if (!this.isRunning) {
      this.isRunning = true;
      void this.run();
    }
  }

  private async run(): Promise<void> {
    for (let turn = this.next(); turn !== undefined; turn = this.next()) {
      passed(MESSAGE_STEPS.begun, turn.stanza);
      try {
        // What is over at once is not waited for, nor watched: promises and timers for each message add up.
        const handling = turn.handle(turn.stanza);
        if (handling instanceof Promise) {
          this.stall.progress();
          await handling;
        }
      } catch (error) {
        this.onError(error);
      }
      this.stall.end();
      this.chat = undefined;
      if (this.isPaused && this.counted < RESUME_BELOW && this.hasRoom() && !this.isOver) {
        this.isPaused = false;
        this.line.resume();
      }
      const pause = SHARED_YIELD.pause();
      if (pause) {
        await pause;
      }
    }
    this.isRunning = false;
  }

  private next(): Waiting | undefined {
    const turn = this.waiting.shift();
    if (turn === undefined) {
      return undefined;
    }
    const { owner, item } = turn;
    this.readAhead.remove(item.bytes);
    this.counted -= this.waiting.sizeOf(owner) < COUNTED_OF_CHAT ? 1 : 0;
    this.chat = owner;
    return item;
  }

  /** A few may wait in any case: otherwise one connection could not read because of what waits on others. */
  private isTooMuch(): boolean {
    return this.waiting.size > PAUSE_ABOVE && this.readAhead.isFull;
  }

  private hasRoom(): boolean {
    return this.waiting.size < RESUME_BELOW || this.readAhead.hasRoom;
  }
}

function bytesOf({ content }: BinaryNode): number {
  if (!Array.isArray(content)) {
    return content?.length ?? 0;
  }
  return content.reduce((sum, { content: inner }) => sum + (inner?.length ?? 0), 0);
}
