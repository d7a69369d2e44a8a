import {
  type BaileysEventMap,
  type BinaryNode,
  isJidGroup,
  type UserFacingSocketConfig,
  type WASocket,
} from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { messageOf } from '../../common/error-message.js';
import { withTimeout } from '../../common/with-timeout.js';
import { withoutNumbers } from '../../common/without-numbers.js';
import type { GroupNotice } from '../decoding/group-notice.js';
import type { SessionHandle } from '../ownership/session-handle.js';
import { DeliveryReceipts } from '../patches/delivery-receipts.js';
import { containRejections, FRAME_BYTES } from '../patches/contain-rejections.js';
import { listenToLine } from '../patches/line-events.js';
import { makeSocket } from '../patches/make-socket.js';
import { rawSocketOf } from '../patches/raw-socket.js';
import type { SessionSettings } from '../settings/session-settings.js';
import type { ReceivedMessage } from '../signal/fast-receive.js';
import { followStanza } from '../signal/request-detour.js';
import type { UnreadableAllowance } from '../signal/unreadable-allowance.js';
import { boundRequests } from '../signal/unreadable-requests.js';
import { ConnectionFault } from './connection-fault.js';
import { fastLane } from './fast-lane.js';
import { type FileAnswer, recordFileAnswers } from './file-answers.js';
import { recordGroupNotices } from './group-notices.js';
import { HandlerWatch } from './handler-watch.js';
import { HandshakeCheck } from './handshake-check.js';
import { acknowledgeIgnored } from './ignored-stanzas.js';
import { KeepAlive } from './keep-alive.js';
import type { LineClock } from './line-clock.js';
import { OutputGate } from './output-gate.js';
import { ping } from './ping.js';
import { guardRetries } from './retry-guard.js';
import { ServerNotTrustedError, TRUST_ADVICE } from './server-not-trusted-error.js';
import { StallTimer } from './stall-timer.js';
import { installPipeline, type Stages } from './stanza-pipeline.js';
import { StanzaQueue } from './stanza-queue.js';
import type { WatchdogKind, Watchdogs } from './watchdogs.js';

/** What a session hears from its connection; called only while the connection is the session's own. */
export interface ConnectionListener {
  onUpdate(update: BaileysEventMap['connection.update']): void;
  onCredentials(): void;
  onUpdated(updates: BaileysEventMap['messages.update']): void;
  /** The phone told which number and which LID are one person. */
  onPaired(pair: BaileysEventMap['lid-mapping.update']): void;
  /** @returns whether somebody who asks for new copies of messages may have them */
  mayHaveAgain(receipt: BinaryNode): Promise<boolean>;
  /** The phone said something of a file that it was asked for. @returns settles when that is stored */
  onFileAnswer(answer: FileAnswer): Promise<void>;
  /** Something was written in a group whose messages are stored. */
  onGroup(jid: string): void;
  /** Somebody changed something of such a group. @returns settles when that is stored */
  onGroupNotice(notice: GroupNotice): Promise<void>;
  /** Once, however it ended. */
  onClosed(error: unknown): void;
}

export interface ConnectionParts {
  options: UserFacingSocketConfig;
  /** Public key of the root that must have signed the server's certificates. */
  rootKey: Uint8Array;
  handle: SessionHandle;
  durableTicket: () => number;
  /** Sees each `<message>` stanza, which Baileys gets when the promise settles, unless it says no: it is acknowledged then. */
  observe: (stanza: BinaryNode) => Promise<boolean>;
  /** Receives a `<message>` stanza without Baileys; undefined: Baileys has to. */
  receive: (stanza: BinaryNode) => ReceivedMessage | undefined;
  /** What unreadable messages of each chat may still cost. */
  allowance: UnreadableAllowance;
  settings: Pick<SessionSettings, 'keepAliveMs' | 'pingAnswerMs' | 'stanzaMs'>;
  watchdogs: Watchdogs;
  clock: LineClock;
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
    const raw = rawSocketOf(socket);
    this.gate = new OutputGate(raw, parts.handle, parts.durableTicket);
    const stall = new StallTimer(settings.stanzaMs, () => this.giveUp('deaf', { stanza: 'message' }));
    this.stanzas = new StanzaQueue(raw, (error) => this.stanzaFailed(error), stall);
    this.handlers = new HandlerWatch(settings.stanzaMs, (stanza) => this.giveUp('deaf', { stanza }));
    installPipeline(socket.ws, this.stages());
    if (socket.messageRetryManager) {
      boundRequests(socket.messageRetryManager, parts.allowance, () => this.stanzas.currentChat);
    }
    this.line = new KeepAlive(
      {
        ping: () => ping(socket),
        isMuted: () => this.stanzas.isReadingPaused || this.gate.heldFrames > 0,
        onSilent: () => this.giveUp('line_silent'),
      },
      settings,
      parts.clock,
    );
    containRejections(socket, (error, event) => this.contained(error, event));
    this.listen(new HandshakeCheck(ephemeral, parts.rootKey));
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

  /** What each stage does; their order is that of `STAGES`. */
  private stages(): Stages {
    const { socket, parts, stanzas, handlers } = this;
    const acknowledge = (stanza: BinaryNode) => socket.sendMessageAck(stanza);
    const storesGroups = () => parts.handle.storesGroups;
    const ignore = acknowledgeIgnored(acknowledge, storesGroups);
    const receive = fastLane(parts.receive, new DeliveryReceipts(socket), (error) =>
      this.stanzaFailed(error),
    );
    return {
      message: {
        ignore,
        queue: (stanza, next) => stanzas.take(stanza, next),
        receive: (stanza, next) => (this.isOver ? next(stanza) : receive(stanza, next)),
        observe: async (stanza, next) => {
          this.noticeGroup(stanza);
          try {
            if (!(await parts.observe(stanza))) {
              return await acknowledge(stanza);
            }
          } catch (error) {
            this.stanzaFailed(error);
          }
          return next(stanza);
        },
        follow: (stanza, next) => followStanza(() => next(stanza)),
      },
      status: { ignore },
      receipt: {
        watch: handlers.stage('CB:receipt'),
        guard: guardRetries({
          mayHave: (receipt) => this.listener.mayHaveAgain(receipt),
          refuse: (receipt) => socket.sendMessageAck(receipt),
          onFull: () =>
            parts.log.warn('too many requests for messages wait: further ones are left unanswered'),
          ended: parts.over.signal,
        }),
      },
      notification: {
        watch: handlers.stage('CB:notification'),
        record: recordFileAnswers((answer) => this.listener.onFileAnswer(answer)),
        groups: recordGroupNotices(storesGroups, (notice) => this.listener.onGroupNotice(notice)),
      },
      call: { watch: handlers.stage('CB:call') },
    };
  }

  private noticeGroup({ attrs: { from } }: BinaryNode): void {
    if (from !== undefined && isJidGroup(from) && !this.isOver) {
      this.listener.onGroup(from);
    }
  }

  private listen(check: HandshakeCheck): void {
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
    listenToLine(ws, {
      onHandshake: (bytes) => this.checkServer(check, bytes),
      onHeard: () => this.line.heard(),
      onUpgradeRefused: (status) => this.giveUp('upgrade_refused', { status }),
    });
  }

  /** The library hears of these bytes after this, and what it answers does not leave any more when the connection is ended here. */
  private checkServer(check: HandshakeCheck, bytes: Uint8Array): void {
    const fault = this.isOver ? undefined : check.faultOf(bytes);
    if (fault) {
      this.parts.log.error(
        { fault, advice: TRUST_ADVICE },
        'server not trusted: hung up before telling it who we are',
      );
      this.end(new ServerNotTrustedError(fault));
    }
  }

  /**
   * A frame that can't be read leaves the cipher out of step: that ends the connection. Any other handler that fails
   * concerns its own stanza only.
   */
  private contained(error: unknown, event: string | symbol): void {
    if (event === FRAME_BYTES) {
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
