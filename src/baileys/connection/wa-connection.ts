import {
  type BaileysEventMap,
  type BinaryNode,
  S_WHATSAPP_NET,
  type UserFacingSocketConfig,
  type WASocket,
} from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { withoutNumbers } from '../../common/without-numbers.js';
import { messageOf } from '../../common/error-message.js';
import { ConnectionFault } from './connection-fault.js';
import { containRejections } from './contain-rejections.js';
import { HandlerWatch } from './handler-watch.js';
import { HandshakeCheck } from './handshake-check.js';
import { acknowledgeIgnored } from './ignored-stanzas.js';
import { KeepAlive } from './keep-alive.js';
import { makeSocket } from './make-socket.js';
import { OutputGate, type RawSocket } from './output-gate.js';
import { guardRetries } from './retry-guard.js';
import { followStanzas } from '../signal/request-detour.js';
import type { UnreadableAllowance } from '../signal/unreadable-allowance.js';
import { boundRequests } from '../signal/unreadable-requests.js';
import { ServerNotTrustedError, TRUST_ADVICE } from './server-not-trusted-error.js';
import type { SessionHandle } from '../ownership/session-handle.js';
import type { SessionSettings } from '../settings/session-settings.js';
import { StallTimer } from './stall-timer.js';
import { type Pausable, StanzaQueue } from './stanza-queue.js';
import type { WatchdogKind, Watchdogs } from './watchdogs.js';
import { withTimeout } from '../../common/with-timeout.js';

/** What a session hears from its connection; called only while the connection is the session's own. */
export interface ConnectionListener {
  onUpdate(update: BaileysEventMap['connection.update']): void;
  onCredentials(): void;
  onUpdated(updates: BaileysEventMap['messages.update']): void;
  /** The phone told which number and which LID are one person. */
  onPaired(pair: BaileysEventMap['lid-mapping.update']): void;
  /** @returns whether somebody who asks for new copies of messages may have them */
  mayHaveAgain(receipt: BinaryNode): Promise<boolean>;
  /** Once, whoever ended it. */
  onClosed(error: unknown): void;
}

export interface ConnectionParts {
  options: UserFacingSocketConfig;
  /** Public key of the root that must have signed the server's certificates. */
  rootKey: Uint8Array;
  handle: SessionHandle;
  durableTicket: () => number;
  /** Sees each `<message>` stanza, which Baileys gets when the promise settles. */
  observe: (stanza: BinaryNode) => unknown;
  /** What unreadable messages of each chat may still cost. */
  allowance: UnreadableAllowance;
  settings: Pick<SessionSettings, 'keepAliveMs' | 'pingAnswerMs' | 'stanzaMs'>;
  watchdogs: Watchdogs;
  /** Is aborted when the connection is over. */
  over: AbortController;
  log: Logger;
}

/** How long a polite close may take, in ms. */
const CLOSE_MS = 1_500;

/** The life of one socket: Baileys, the gate on its raw WebSocket, and the watchdogs that Baileys lacks. */
export class WaConnection {
  readonly socket: WASocket;
  private readonly gate: OutputGate;
  private readonly stanzas: StanzaQueue;
  private readonly line: KeepAlive;
  private readonly handlers: HandlerWatch;
  private isOver = false;

  /** Dials at once. */
  constructor(
    private readonly parts: ConnectionParts,
    private readonly listener: ConnectionListener,
  ) {
    const { settings } = parts;
    const { socket, ephemeral } = makeSocket(parts.options);
    this.socket = socket;
    const { ws } = socket;
    const raw = (ws as unknown as { socket: RawSocket & Pausable }).socket;
    this.gate = new OutputGate(raw, parts.handle, parts.durableTicket);
    this.checkServer(new HandshakeCheck(ephemeral, parts.rootKey));
    followStanzas(ws);
    ws.prependListener('CB:message', parts.observe);
    const stall = new StallTimer(settings.stanzaMs, () => this.giveUp('deaf', { stanza: 'message' }));
    this.stanzas = new StanzaQueue(ws, raw, (error) => this.stanzaFailed(error), stall);
    acknowledgeIgnored(ws, (stanza) => socket.sendMessageAck(stanza));
    if (socket.messageRetryManager) {
      boundRequests(socket.messageRetryManager, parts.allowance, () => this.stanzas.currentChat);
    }
    guardRetries(ws, {
      mayHave: (receipt) => this.listener.mayHaveAgain(receipt),
      refuse: (receipt) => this.socket.sendMessageAck(receipt),
      onFull: () => parts.log.warn('too many requests for messages wait: further ones are left unanswered'),
      ended: parts.over.signal,
    });
    this.handlers = new HandlerWatch(ws, settings.stanzaMs, (stanza) => this.giveUp('deaf', { stanza }));
    this.line = new KeepAlive(
      {
        ping: () => this.ping(),
        isMuted: () => this.stanzas.isReadingPaused || this.gate.heldFrames > 0,
        onSilent: () => this.giveUp('line_silent'),
      },
      settings,
    );
    containRejections(this.socket, (error, event) => this.contained(error, event));
    this.listen();
  }

  /** Ends the connection on a watchdog's word: at once, and as a failure. */
  giveUp(kind: WatchdogKind, fields: Record<string, unknown> = {}): void {
    if (!this.isOver) {
      this.parts.watchdogs.tripped(kind, this.parts.log, fields);
      this.end(new ConnectionFault(kind));
    }
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
    await withTimeout(ending, CLOSE_MS).catch(() => undefined);
    this.over(undefined);
  }

  private over(error: unknown): void {
    if (this.isOver) {
      return;
    }
    this.isOver = true;
    this.line.end();
    this.handlers.end();
    this.stanzas.end();
    this.gate.kill();
    this.parts.over.abort(new Error('the connection is over'));
    this.listener.onClosed(error);
  }

  /** Baileys drops buffered events when it ends. */
  private flushEvents(): void {
    this.socket.ev.flush();
  }

  private listen(): void {
    const { ev, ws } = this.socket;
    ev.on('connection.update', (update) => {
      if (update.connection === 'close') {
        this.flushEvents();
        this.over(update.lastDisconnect?.error);
      } else if (!this.isOver) {
        this.listener.onUpdate(update);
      }
    });
    ev.on('creds.update', () => this.listener.onCredentials());
    ev.on('messages.update', (updates) => this.listener.onUpdated(updates));
    ev.on('lid-mapping.update', (pair) => this.listener.onPaired(pair));
    ws.on('frame', (frame: unknown) => {
      // Bytes belong to the handshake, in which nothing may be said in between.
      if (!(frame instanceof Uint8Array)) {
        this.line.heard();
      }
    });
    // Whoever listens to this must end the request; Baileys listens and does not, until its connect timeout.
    ws.on('unexpected-response', (_request: unknown, response: { statusCode?: number; destroy(): void }) => {
      response.destroy();
      this.giveUp('upgrade_refused', { status: response.statusCode });
    });
  }

  /**
   * Bytes are what a server says before the line is encrypted. The library hears of them after this, and what it answers does
   * not leave any more when the connection is ended here.
   */
  private checkServer(check: HandshakeCheck): void {
    this.socket.ws.prependListener('frame', (frame: unknown) => {
      const fault = frame instanceof Uint8Array && !this.isOver ? check.faultOf(frame) : undefined;
      if (fault) {
        this.parts.log.error(
          { fault, advice: TRUST_ADVICE },
          'server not trusted: hung up before telling it who we are',
        );
        this.end(new ServerNotTrustedError(fault));
      }
    });
  }

  private ping(): void {
    const { socket } = this;
    const attrs = { id: socket.generateMessageTag(), to: S_WHATSAPP_NET, type: 'get', xmlns: 'w:p' };
    // Whether it left or not, only an answer counts.
    socket.sendNode({ tag: 'iq', attrs, content: [{ tag: 'ping', attrs: {} }] }).catch(() => undefined);
  }

  /**
   * A frame that can't be read leaves the cipher out of step: that ends the connection. Any other handler that fails
   * concerns its own stanza only.
   */
  private contained(error: unknown, event: string | symbol): void {
    if (event === 'message') {
      this.parts.log.warn({ cause: causeOf(error) }, 'unreadable frame: ending the connection');
      this.end(error instanceof Error ? error : new Error('unreadable frame'));
    } else {
      this.stanzaFailed(error);
    }
  }

  private stanzaFailed(error: unknown): void {
    this.parts.log.warn({ cause: causeOf(error) }, 'whatsapp library failed on a stanza');
  }
}

function causeOf(error: unknown): string {
  return withoutNumbers(messageOf(error), 200);
}
