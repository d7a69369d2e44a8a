import { EventEmitter } from 'node:events';
import {
  type BaileysEventMap,
  type BinaryNode,
  makeWASocket,
  type UserFacingSocketConfig,
  type WASocket,
} from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { OutputGate, type RawSocket } from './output-gate.js';
import type { SessionHandle } from './session-handle.js';
import { type Pausable, StanzaTurns } from './stanza-turns.js';
import { withTimeout } from './with-timeout.js';

/** What a session hears from its connection; called only while the connection is the session's own. */
export interface ConnectionListener {
  onUpdate(update: BaileysEventMap['connection.update']): void;
  onCredentials(): void;
  onUpserted(upsert: BaileysEventMap['messages.upsert']): void;
  onUpdated(updates: BaileysEventMap['messages.update']): void;
  /** Once, whoever ended it. */
  onClosed(error: unknown): void;
}

export interface ConnectionParts {
  options: UserFacingSocketConfig;
  handle: SessionHandle;
  durableTicket: () => number;
  /** Sees each `<message>` stanza before Baileys does. */
  observe: (stanza: BinaryNode) => void;
  log: Logger;
}

/** How long a polite close may take, in ms. */
const CLOSE_MS = 1_500;

/** The life of one socket: Baileys, the gate on its raw WebSocket, and the containment of what Baileys leaves unhandled. */
export class WaConnection {
  readonly socket: WASocket;
  private readonly gate: OutputGate;
  private readonly turns: StanzaTurns;
  private isOver = false;

  /** Dials at once. */
  constructor(
    private readonly parts: ConnectionParts,
    private readonly listener: ConnectionListener,
  ) {
    this.socket = makeCapturing(parts.options);
    const raw = (this.socket.ws as unknown as { socket: RawSocket & Pausable }).socket;
    this.gate = new OutputGate(raw, parts.handle, parts.durableTicket);
    this.socket.ws.prependListener('CB:message', parts.observe);
    this.turns = new StanzaTurns(this.socket.ws, raw, (error) => this.stanzaFailed(error));
    this.contain();
    this.listen();
  }

  /** Ends the connection at once: no frame leaves after this. */
  end(error: Error): void {
    if (this.isOver) {
      return;
    }
    this.flushEvents();
    void this.socket.end(error).catch(() => undefined);
    this.over(error);
  }

  /** Ends the connection after what is held has left, within a bound. The device stays linked. */
  async close(): Promise<void> {
    if (this.isOver) {
      return;
    }
    this.flushEvents();
    const ending = this.socket.end(undefined);
    await withTimeout(ending, CLOSE_MS, () => new Error('close timed out')).catch(() => undefined);
    this.over(undefined);
  }

  private over(error: unknown): void {
    if (this.isOver) {
      return;
    }
    this.isOver = true;
    this.turns.end();
    this.gate.kill();
    this.listener.onClosed(error);
  }

  /** Baileys drops buffered events when it ends. */
  private flushEvents(): void {
    this.socket.ev.flush();
  }

  private listen(): void {
    const { ev } = this.socket;
    ev.on('connection.update', (update) => {
      if (update.connection === 'close') {
        this.flushEvents();
        this.over(update.lastDisconnect?.error);
      } else if (!this.isOver) {
        this.listener.onUpdate(update);
      }
    });
    ev.on('creds.update', () => this.listener.onCredentials());
    ev.on('messages.upsert', (upsert) => this.listener.onUpserted(upsert));
    ev.on('messages.update', (updates) => this.listener.onUpdated(updates));
  }

  private stanzaFailed(error: unknown): void {
    this.parts.log.warn({ cause: causeOf(error) }, 'whatsapp library failed on a stanza');
  }

  /**
   * A frame that can't be read leaves the cipher out of step: that ends the connection. Any other handler that fails
   * concerns its own stanza only.
   */
  private contain(): void {
    const onRejection = (error: unknown, event: string | symbol) => {
      if (event === 'message') {
        this.parts.log.warn({ cause: causeOf(error) }, 'unreadable frame: ending the connection');
        this.end(error instanceof Error ? error : new Error('unreadable frame'));
      } else {
        this.stanzaFailed(error);
      }
    };
    Object.assign(this.socket.ws, { [Symbol.for('nodejs.rejection')]: onRejection });
    const onEvent = (event: 'error', listener: (error: unknown) => void) =>
      (this.socket.ev.on as unknown as (event: 'error', listener: (error: unknown) => void) => void)(
        event,
        listener,
      );
    onEvent('error', (error) => onRejection(error, 'event'));
  }
}

function causeOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error))
    .replace(/\d{6,}/g, '[number]')
    .slice(0, 200);
}

/**
 * Baileys registers async listeners that may reject, which would end the process for all tenants. Emitters made while
 * this flag is set report such rejections to themselves instead.
 */
function makeCapturing(options: UserFacingSocketConfig): WASocket {
  const before = EventEmitter.captureRejections;
  EventEmitter.captureRejections = true;
  try {
    return makeWASocket(options);
  } finally {
    EventEmitter.captureRejections = before;
  }
}
