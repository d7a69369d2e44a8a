import type { WebSocket } from 'ws';

/** How the server cuts its frames into WebSocket messages; a client must not care. */
export type Fragmentation = 'whole' | 'bytes' | 'coalesced';

const MAX_BACKLOG_BYTES = 64 * 1024 * 1024;
const HIGH_WATER_BYTES = 1024 * 1024;

/** The WebSocket under a connection, with the disturbances a test may ask for. Bytes keep their order whatever is on. */
export class FaultySocket {
  fragmentation: Fragmentation = 'whole';
  private delayMs = 0;
  private frozen = false;
  private readonly held: Buffer[] = [];
  private heldBytes = 0;
  private readonly timers = new Set<NodeJS.Timeout>();
  private gathered: Buffer[] = [];
  private wasCongested = false;

  constructor(
    private readonly socket: WebSocket,
    private readonly drained: () => void,
  ) {}

  /** True while more than a megabyte waits to leave; senders with a queue of their own should pause until it drained. */
  get congested(): boolean {
    const waiting = this.heldBytes + this.socket.bufferedAmount > HIGH_WATER_BYTES;
    this.wasCongested ||= waiting;
    return waiting;
  }

  /** Sends bytes in order. A client that stopped reading while 64 MB piled up is cut off. */
  write(bytes: Buffer): void {
    if (this.heldBytes + this.socket.bufferedAmount > MAX_BACKLOG_BYTES) {
      this.destroy();
      return;
    }
    if (this.delayMs > 0) {
      this.later(bytes);
    } else if (this.frozen || this.heldBytes > 0) {
      this.hold(bytes);
    } else {
      this.transmit(bytes);
    }
  }

  /** Stops reading and writing while the TCP connection stays up. */
  freeze(): void {
    this.frozen = true;
    this.socket.pause();
  }

  /** Ends a freeze; what was held goes out in order. */
  thaw(): void {
    this.frozen = false;
    if (this.socket.isPaused) {
      this.socket.resume();
    }
    if (this.timers.size === 0) {
      this.release(Infinity);
    }
  }

  /** Delays everything the server says from now on; 0 ends it for what comes later. */
  delay(ms: number): void {
    this.delayMs = ms;
  }

  /** Says goodbye the WebSocket way, after what is queued has left. */
  close(): void {
    this.flushGathered();
    this.socket.close();
  }

  /** Cuts the TCP connection at once. */
  destroy(): void {
    for (const timer of this.timers) {
      clearTimeout(timer);
    }
    this.timers.clear();
    this.held.length = 0;
    this.heldBytes = 0;
    this.socket.terminate();
  }

  private hold(bytes: Buffer): void {
    this.held.push(bytes);
    this.heldBytes += bytes.length;
  }

  private later(bytes: Buffer): void {
    this.hold(bytes);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (!this.frozen) {
        this.release(this.timers.size === 0 ? Infinity : 1);
      }
    }, this.delayMs);
    this.timers.add(timer);
  }

  private release(count: number): void {
    for (const bytes of this.held.splice(0, count)) {
      this.heldBytes -= bytes.length;
      this.transmit(bytes);
    }
  }

  private transmit(bytes: Buffer): void {
    if (this.fragmentation === 'bytes') {
      for (let i = 0; i < bytes.length; i++) {
        this.send(bytes.subarray(i, i + 1));
      }
    } else if (this.fragmentation === 'coalesced') {
      this.gathered.push(bytes);
      if (this.gathered.length === 1) {
        setImmediate(() => this.flushGathered());
      }
    } else {
      this.send(bytes);
    }
  }

  private flushGathered(): void {
    const bytes = Buffer.concat(this.gathered);
    this.gathered = [];
    if (bytes.length > 0) {
      this.send(bytes);
    }
  }

  private send(bytes: Buffer): void {
    if (this.socket.readyState !== this.socket.OPEN) {
      return;
    }
    this.socket.send(bytes, () => {
      if (this.wasCongested && !this.congested) {
        this.wasCongested = false;
        this.drained();
      }
    });
  }
}
