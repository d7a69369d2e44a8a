import { randomBytes } from 'node:crypto';
import { encodeBinaryNode } from '@whiskeysockets/baileys';
import type { WebSocket } from 'ws';
import { messageOf } from '../../../common/error-message.js';
import { FrameReader, frame } from '../../protocol/frame-reader.js';
import type { HandshakeResult, NoiseResponder } from '../../protocol/noise-responder.js';
import type { NoiseTransport } from '../../protocol/noise-transport.js';
import { decodeNode, node } from '../../protocol/node.js';
import type { Attributes, BinaryNode } from '../../protocol/node.js';
import { FaultySocket } from './faulty-socket.js';

const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/** What lives on an established connection: a pairing client or a logged-in one. */
export interface ConnectionHandler {
  /** A stanza of the client, in arrival order. Throwing closes the connection. */
  received(stanza: BinaryNode): void;
  /** The connection ended, for whatever reason. Called once. */
  closed(reason: string): void;
  /** The connection can take more after it had been congested. */
  drained(): void;
}

/** Called when the handshake is through; returns what handles its stanzas. */
export type Authenticator = (
  connection: Connection,
  handshake: HandshakeResult,
) => ConnectionHandler | undefined;

/** One client connection: framing, Noise, stanzas. Bad input from the client ends this connection and nothing else. */
export class Connection {
  readonly socket: FaultySocket;
  /** Extra fields for the log, set by the user of the connection. */
  label = 'unknown';
  private readonly reader = new FrameReader(MAX_FRAME_BYTES);
  private readonly noise: NoiseResponder;
  private transport: NoiseTransport | undefined;
  private handler: ConnectionHandler | undefined;
  private framesReceived = 0;
  private ended = false;

  constructor(
    readonly id: number,
    socket: WebSocket,
    responder: NoiseResponder,
    private readonly authenticate: Authenticator,
    private readonly ending: (connection: Connection, reason: string) => void,
  ) {
    this.socket = new FaultySocket(socket, () => this.handler?.drained());
    this.noise = responder;
    socket.on('message', (data: Buffer) => this.arrived(data));
    socket.on('error', (error) => this.end(`socket error: ${error.message}`));
    socket.on('close', () => this.end('closed'));
  }

  /** Frames of the client: one is its hello, which says nothing of who it is. */
  get frames(): number {
    return this.framesReceived;
  }

  /** True until the connection ended. */
  get isOpen(): boolean {
    return !this.ended;
  }

  /** Sends a stanza; silently dropped after the end of the connection. */
  send(stanza: BinaryNode): void {
    if (this.transport && !this.ended) {
      this.socket.write(frame(this.transport.encrypt(encodeBinaryNode(stanza))));
    }
  }

  /** Ends a live stream with an error: `stream:error`, `xmlstreamend`, close. */
  streamError(attrs: Attributes, reason: string, content?: BinaryNode[]): void {
    this.send(node('stream:error', attrs, content));
    this.closeStream(reason);
  }

  /** Refuses a login: `failure`, close. */
  refuse(attrs: Attributes, reason: string): void {
    this.send(node('failure', { location: 'sim', ...attrs }));
    this.socket.close();
    this.end(reason);
  }

  /** `xmlstreamend` and a proper close. */
  closeStream(reason: string): void {
    this.send(node('xmlstreamend'));
    this.socket.close();
    this.end(reason);
  }

  /** Cuts the TCP connection without a word. */
  destroy(reason: string): void {
    this.socket.destroy();
    this.end(reason);
  }

  /** Sends a well-framed frame that no key of this connection decrypts. */
  sendGarbage(): void {
    this.socket.write(frame(randomBytes(64)));
  }

  /** Announces a frame, sends half of it and cuts the connection. */
  sendHalfFrame(): void {
    this.socket.write(frame(randomBytes(64)).subarray(0, 35));
    this.socket.close();
    this.end('half a frame sent on demand');
  }

  private arrived(data: Buffer): void {
    if (this.ended) {
      return;
    }
    try {
      for (const bytes of this.reader.push(data)) {
        this.handle(bytes);
      }
    } catch (error) {
      this.destroy(`client violation: ${messageOf(error)}`);
    }
  }

  private handle(bytes: Buffer): void {
    this.framesReceived += 1;
    if (this.transport) {
      this.handler?.received(decodeNode(this.transport.decrypt(bytes)));
    } else if (this.framesReceived === 1) {
      this.socket.write(frame(this.noise.hello(bytes)));
    } else {
      const handshake = this.noise.finish(bytes);
      this.transport = handshake.transport;
      this.handler = this.authenticate(this, handshake);
    }
  }

  private end(reason: string): void {
    if (this.ended) {
      return;
    }
    this.ended = true;
    this.ending(this, reason);
    this.handler?.closed(reason);
  }
}
