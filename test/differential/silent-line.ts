import { EventEmitter } from 'node:events';
import { type BinaryNode, decodeBinaryNode } from '@whiskeysockets/baileys';
import { WebSocketClient } from '@whiskeysockets/baileys/lib/Socket/Client/websocket.js';

const OPEN = 1;
const CLOSED = 3;
/** What the first frame of a line begins with. */
const INTRODUCTION = Buffer.from('WA');
const INTRODUCTION_BYTES = 4;
const LENGTH_BYTES = 3;

type Callback = (error?: Error) => void;

/**
 * Takes the place of a WebSocket: is open at once, keeps what is written to it, and answers every question with nothing. There is no
 * handshake, so the library writes its frames in clear.
 */
export class SilentLine extends EventEmitter {
  readyState = OPEN;
  /** Frames that left, without what only carries them. */
  readonly frames: Buffer[] = [];

  private readonly client: EventEmitter;

  constructor(client: EventEmitter) {
    super();
    this.client = client;
  }

  send(data: Uint8Array, options: unknown, callback?: Callback): void {
    const done = typeof options === 'function' ? (options as Callback) : callback;
    const bytes = Buffer.from(data);
    const start = bytes.subarray(0, 2).equals(INTRODUCTION) ? INTRODUCTION_BYTES : 0;
    const frame = bytes.subarray(start + LENGTH_BYTES);
    this.frames.push(frame);
    void this.answer(frame);
    if (done) {
      process.nextTick(done);
    }
  }

  close(): void {
    this.terminate();
  }

  terminate(): void {
    if (this.readyState === OPEN) {
      this.readyState = CLOSED;
      process.nextTick(() => this.emit('close', 1000, Buffer.alloc(0)));
    }
  }

  pause(): void {}
  resume(): void {}

  private async answer(frame: Buffer): Promise<void> {
    const { tag, attrs } = await decodeBinaryNode(frame);
    if (tag === 'iq' && (attrs['type'] === 'get' || attrs['type'] === 'set')) {
      const list: BinaryNode = { tag: 'list', attrs: {}, content: [] };
      const content: BinaryNode[] = [{ tag: 'usync', attrs: {}, content: [list] }];
      const result: BinaryNode = { tag: 'iq', attrs: { id: attrs['id']!, type: 'result' }, content };
      this.client.emit(`TAG:${attrs['id']}`, result);
    }
  }
}

/** From now on each socket of the library of this process speaks to a line of this kind, and nobody else. */
export function silenceLines(): void {
  WebSocketClient.prototype.connect = function (this: WebSocketClient & EventEmitter): void {
    const line = new SilentLine(this);
    Object.assign(this, { socket: line });
    line.on('close', (...args) => this.emit('close', ...args));
  };
}
