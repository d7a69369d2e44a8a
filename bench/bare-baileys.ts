import { initAuthCreds, makeWASocket } from '@whiskeysockets/baileys';
import type {
  AuthenticationCreds,
  ConnectionState,
  SignalDataSet,
  SignalDataTypeMap,
  WAMessage,
  WASocket,
} from '@whiskeysockets/baileys';
import { silenceLibsignal } from '../src/simulator/silence-libsignal.js';
import { processProbe } from './process-probe.js';
import { notifyParent, serveParent } from './rpc.js';
import { quietLogger } from '../test/support/quiet-logger.js';

/** What one session keeps; can be handed to another process. */
export interface BareState {
  creds: AuthenticationCreds;
  keys: Map<string, unknown>;
}

const KEPT_MESSAGES = 1_000;
const RESTART_REQUIRED = 515;

/** Baileys as it comes, with the cheapest store there is: references in a map. Nothing survives the process. */
class BareSession {
  private readonly messages: WAMessage[] = [];
  private readonly opened = Promise.withResolvers<void>();
  private readonly url: string;
  private readonly index: number;
  readonly state: BareState;
  socket: WASocket;

  constructor(url: string, index: number, state: BareState = { creds: initAuthCreds(), keys: new Map() }) {
    this.url = url;
    this.index = index;
    this.state = state;
    this.socket = this.connect();
  }

  online(): Promise<void> {
    return this.opened.promise;
  }

  private connect(): WASocket {
    const { creds, keys } = this.state;
    const socket = makeWASocket({
      auth: {
        creds,
        keys: {
          get: <T extends keyof SignalDataTypeMap>(type: T, ids: string[]) => {
            const found: { [id: string]: SignalDataTypeMap[T] } = {};
            for (const id of ids) {
              const value = keys.get(`${type}/${id}`);
              if (value !== undefined) {
                found[id] = value as SignalDataTypeMap[T];
              }
            }
            return found;
          },
          set: (data: SignalDataSet) => store(keys, data),
        },
      },
      waWebSocketUrl: this.url,
      logger: quietLogger,
      emitOwnEvents: false,
      syncFullHistory: false,
      markOnlineOnConnect: false,
    });
    socket.ev.on('connection.update', (update) => this.onUpdate(update));
    socket.ev.on('messages.upsert', ({ messages }) => {
      this.messages.push(...messages);
      if (this.messages.length > KEPT_MESSAGES) {
        this.messages.splice(0, KEPT_MESSAGES / 2);
      }
    });
    return socket;
  }

  private onUpdate({ qr, connection, lastDisconnect }: Partial<ConnectionState>): void {
    if (qr !== undefined) {
      notifyParent('qr', { index: this.index, qr });
    }
    if (connection === 'open') {
      this.opened.resolve();
    }
    if (connection === 'close') {
      const error = lastDisconnect?.error as { output?: { statusCode: number } } | undefined;
      if (error?.output?.statusCode === RESTART_REQUIRED) {
        this.socket = this.connect();
      } else {
        this.opened.reject(error ?? new Error('closed'));
      }
    }
  }
}

function store(keys: Map<string, unknown>, data: SignalDataSet): void {
  for (const [type, entries] of Object.entries(data)) {
    for (const [id, value] of Object.entries(entries ?? {})) {
      if (value === null) {
        keys.delete(`${type}/${id}`);
      } else {
        keys.set(`${type}/${id}`, value);
      }
    }
  }
}

const sessions: BareSession[] = [];
let url = '';

silenceLibsignal();
serveParent({
  ...processProbe(),
  start: (argument: { whatsappUrl: string }) => {
    url = argument.whatsappUrl;
  },
  link: async (index: number) => {
    const session = new BareSession(url, index);
    sessions[index] = session;
    await session.online();
  },
  send: async ({ index, to, text }: { index: number; to: string; text: string }) => {
    await sessions[index]?.socket.sendMessage(`${to}@s.whatsapp.net`, { text });
  },
  exportStates: () => sessions.map(({ state }) => state),
  importStates: async (states: BareState[]) => {
    for (const [index, state] of states.entries()) {
      sessions[index] = new BareSession(url, index, state);
      await sessions[index].online();
    }
  },
  stop: () => process.exit(),
});
