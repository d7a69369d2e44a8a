import {
  type RawData,
  type RawSocket,
  type SendCallback,
  type SendOptions,
  writeTogether,
} from '../patches/raw-socket.js';
import type { SessionHandle } from '../ownership/session-handle.js';

interface HeldFrame {
  data: RawData;
  options: SendOptions;
  /** Ticket that must be durable first. */
  ticket: number;
}

/** How long a close waits for held frames (a logout's farewell), in ms. */
const CLOSE_WAIT_MS = 2_000;
/** How long the other side may take to answer a close, in ms. */
const CLOSE_ANSWER_MS = 1_000;
/** Frames held for longer than a flood of queries would need: the session is stuck. */
const MAX_HELD = 10_000;

/**
 * Sits on a raw WebSocket and lets a frame out only when every write that the session made before it is durable, and
 * while the session's lease holds. Frames keep their order; while nothing is pending they pass without delay.
 */
export class OutputGate {
  private readonly held: HeldFrame[] = [];
  private isDead = false;
  private isClosing = false;
  private finishClose: (() => void) | undefined;
  private readonly write: (data: RawData, options: SendOptions, callback?: SendCallback) => void;
  private readonly stopListening: () => void;

  /**
   * Must be built in the tick in which the socket was made: then no frame escapes.
   * @param raw the `ws` socket, still connecting
   * @param durableTicket up to where the group commit is durable
   */
  constructor(
    private readonly raw: Omit<RawSocket, 'pause' | 'resume'>,
    private readonly handle: SessionHandle,
    private readonly durableTicket: () => number,
  ) {
    this.write = raw.send.bind(raw);
    raw.send = (data, options, callback) => this.send(data, options, callback);
    const close = raw.close.bind(raw);
    raw.close = (code, reason) => this.close(() => close(code, reason));
    this.stopListening = handle.onReleasable(() => this.release());
  }

  get heldFrames(): number {
    return this.held.length;
  }

  /** Drops what is held and cuts the line. Nothing leaves after this. */
  kill(): void {
    this.isDead = true;
    this.held.length = 0;
    this.stopListening();
    this.finishClose?.();
    this.raw.terminate();
  }

  private send(data: RawData, options?: SendOptions | SendCallback, callback?: SendCallback): void {
    const done = typeof options === 'function' ? options : callback;
    const sendOptions = typeof options === 'function' ? {} : (options ?? {});
    if (this.isDead || this.isClosing) {
      return answer(done, new Error('the gate is closed'));
    }
    if (this.held.length === 0 && this.handle.lastTicket <= this.durableTicket() && this.handle.lease.holds) {
      return this.write(data, sendOptions, done);
    }
    if (this.held.length >= MAX_HELD) {
      answer(done, new Error('too many frames are held'));
      return this.handle.revoke(new Error('too many frames are held'));
    }
    this.held.push({ data, options: sendOptions, ticket: this.handle.lastTicket });
    // Baileys holds locks while it waits for a write; a held frame must not make it wait.
    answer(done);
  }

  private release(): void {
    const durable = this.durableTicket();
    if (this.isDead || !this.held[0] || this.held[0].ticket > durable || !this.handle.lease.holds) {
      return;
    }
    let count = 0;
    writeTogether(this.raw, () => {
      while (count < this.held.length && this.held[count]!.ticket <= durable) {
        const { data, options } = this.held[count]!;
        this.write(data, options, ignore);
        count += 1;
      }
    });
    this.held.splice(0, count);
    if (this.held.length === 0) {
      this.finishClose?.();
    }
  }

  /** `ws` does not know our queue: without this, a farewell that is still held would never leave. */
  private close(close: () => void): void {
    if (this.isClosing) {
      return;
    }
    this.isClosing = true;
    const timer = setTimeout(() => this.finishClose?.(), CLOSE_WAIT_MS);
    this.finishClose = () => {
      this.finishClose = undefined;
      clearTimeout(timer);
      this.stopListening();
      close();
      // A dead peer never answers a close; `ws` alone would wait for 30 s.
      setTimeout(() => this.raw.terminate(), CLOSE_ANSWER_MS).unref();
    };
    if (this.held.length === 0) {
      this.finishClose();
    }
  }
}

function answer(callback: SendCallback | undefined, error?: Error): void {
  if (callback) {
    process.nextTick(callback, error);
  }
}

// A write that fails closes the socket, which Baileys hears of by itself.
function ignore(): void {}
