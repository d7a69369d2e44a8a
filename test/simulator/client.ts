import { EventEmitter, once } from 'node:events';
import { initAuthCreds, makeWASocket, proto } from '@whiskeysockets/baileys';
import type {
  AuthenticationCreds,
  BaileysEventMap,
  SignalDataSet,
  SignalDataTypeMap,
  UserFacingSocketConfig,
  WAMessage,
  WASocket,
} from '@whiskeysockets/baileys';
import { quietLogger } from '../support/quiet-logger.js';

/** Credentials and keys in memory; survive a reconnect, as a real store does. */
class MemoryAuth {
  creds: AuthenticationCreds = initAuthCreds();
  readonly store = new Map<string, unknown>();

  readonly keys = {
    get: <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) => {
      const found: { [id: string]: SignalDataTypeMap[T] } = {};
      for (const id of ids) {
        const value = this.store.get(`${type}/${id}`);
        if (value !== undefined) {
          found[id] = structuredClone(value) as SignalDataTypeMap[T];
        }
      }
      return Promise.resolve(found);
    },
    set: (data: SignalDataSet) => {
      for (const [type, entries] of Object.entries(data)) {
        for (const [id, value] of Object.entries(entries ?? {})) {
          if (value === null) {
            this.store.delete(`${type}/${id}`);
          } else {
            this.store.set(`${type}/${id}`, structuredClone(value));
          }
        }
      }
      return Promise.resolve();
    },
  };
}

/** An unmodified Baileys client that remembers what it was told and can wait for more. */
export class Client {
  readonly auth = new MemoryAuth();
  readonly messages: { message: WAMessage; type: string }[] = [];
  readonly updates: BaileysEventMap['messages.update'] = [];
  closeCode: number | undefined;
  sock!: WASocket;
  private readonly changed = new EventEmitter();
  private state: Partial<BaileysEventMap['connection.update']> = {};
  private qrs: string[] = [];

  constructor(
    readonly url: string,
    private readonly config: Partial<UserFacingSocketConfig> = {},
  ) {
    this.changed.setMaxListeners(0);
  }

  /** Opens a socket with the credentials it has. */
  connect(): this {
    this.state = {};
    this.qrs = [];
    this.closeCode = undefined;
    const sock = makeWASocket({
      auth: { creds: this.auth.creds, keys: this.auth.keys },
      waWebSocketUrl: this.url,
      logger: quietLogger,
      emitOwnEvents: false,
      syncFullHistory: false,
      markOnlineOnConnect: false,
      retryRequestDelayMs: 10,
      ...this.config,
    });
    this.sock = sock;
    sock.ev.on('connection.update', (update) => {
      Object.assign(this.state, update);
      if (update.qr) {
        this.qrs.push(update.qr);
      }
      if (update.connection === 'close') {
        const error = update.lastDisconnect?.error as { output?: { statusCode: number } } | undefined;
        this.closeCode = error?.output?.statusCode ?? -1;
      }
      this.changed.emit('change');
    });
    sock.ev.on('messages.upsert', ({ messages, type }) => {
      this.messages.push(...messages.map((message) => ({ message, type })));
      this.changed.emit('change');
    });
    sock.ev.on('messages.update', (updates) => {
      this.updates.push(...updates);
      this.changed.emit('change');
    });
    return this;
  }

  /** Waits until a look at the client gives something. */
  async until<T>(what: string, look: () => T | undefined | false, timeoutMs = 60_000): Promise<T> {
    const signal = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const found = look();
      if (found) {
        return found;
      }
      try {
        await once(this.changed, 'change', { signal });
      } catch {
        throw new Error(`waited ${timeoutMs} ms for ${what}; state ${JSON.stringify(this.state)}`);
      }
    }
  }

  qr(): Promise<string> {
    return this.until('a QR code', () => this.qrs[0]);
  }

  closed(): Promise<number> {
    return this.until('the end of the connection', () => this.closeCode);
  }

  async online(): Promise<void> {
    await this.until('an open connection', () => this.state.connection === 'open');
    await this.until('the end of the offline phase', () => this.state.receivedPendingNotifications);
  }

  /** A message with a text, from whichever chat. */
  message(text: string): Promise<{ message: WAMessage; type: string }> {
    return this.until(`the message ${text}`, () =>
      this.messages.find((each) => textOf(each.message) === text),
    );
  }

  /** Ends the socket as a dying process would. */
  end(): void {
    void this.sock.end(undefined);
    (this.sock.ws as unknown as { socket?: { terminate(): void } | null }).socket?.terminate();
  }
}

/** The text of a message, if it has one. */
export function textOf(message: WAMessage): string | undefined {
  const body: proto.IMessage | null | undefined = message.message;
  return body?.conversation ?? body?.extendedTextMessage?.text ?? body?.imageMessage?.caption ?? undefined;
}
