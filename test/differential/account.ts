import type { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import {
  type AuthenticationCreds,
  type BinaryNode,
  BufferJSON,
  generateSignalPubKey,
  type KeyPair,
  type SignalKeyStoreWithTransaction,
} from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { InstanceCaches } from '../../src/baileys/connection/cache-store.js';
import { lookMs } from '../../src/baileys/connection/keep-alive.js';
import { LineClock } from '../../src/baileys/connection/line-clock.js';
import { connectSession } from '../../src/baileys/connection/session-connection.js';
import type { WaConnection } from '../../src/baileys/connection/wa-connection.js';
import { Watchdogs } from '../../src/baileys/connection/watchdogs.js';
import { SessionHandle } from '../../src/baileys/ownership/session-handle.js';
import type { SessionCipher } from '../../src/baileys/sealing/session-cipher.js';
import { SessionSettings } from '../../src/baileys/settings/session-settings.js';
import { GroupCommitOptions } from '../../src/baileys/storage/group-commit-options.js';
import { GroupCommit } from '../../src/baileys/storage/group-commit.js';
import { KeyCacheBudget } from '../../src/baileys/storage/key-cache-budget.js';
import { SessionKeyStore } from '../../src/baileys/storage/session-key-store.js';
import type { AppConfig } from '../../src/config/app-config.js';
import type { Logs } from '../../src/logging/logs.js';
import { InboxHandoff } from '../../src/queue/inbox-handoff.js';
import { InboxNotifier } from '../../src/queue/inbox-notifier.js';
import type { SessionStoreRepository } from '../../src/repositories/session-store.repository.js';
import type { PreKeyBundle, RemoteDevice } from '../../src/simulator/phones/signal-peer.js';
import { withKeyType } from '../../src/simulator/protocol/keys.js';
import { MemoryStore } from './memory-store.js';
import type { SilentLine } from './silent-line.js';

class NoNotifier extends InboxNotifier {
  override notify(): void {}
  override onNotification(): () => void {
    return () => undefined;
  }
}

/** Leaves everything as it is, so that what is stored can be compared. */
const CLEAR = {
  sealKey: (_type: string, _id: string, text: string) => Buffer.from(text),
  openKey: (_type: string, _id: string, sealed: Buffer) => sealed.toString(),
  sealBody: (_hash: string, body: Uint8Array) => Buffer.from(body),
  openBody: (_hash: string, sealed: Buffer) => sealed,
} as unknown as SessionCipher;

const LOG = pino({ level: 'silent' });
const LOGS = { component: () => LOG, flush: () => undefined } as Logs;
const INSTANCE = 'account';
/** Turns of the event loop without anything to do after which nothing is under way. */
const QUIET_TURNS = 3;

/** What of a connection tells whether it is at work. */
interface Inside {
  stanzas: { isRunning: boolean };
  gate: { heldFrames: number };
  socket: WaConnection['socket'];
}

/** What happened since the last look. */
export interface Happened {
  /** Frames that left, in hex. */
  frames: string[];
  rows: ({ chat: string; attrs: Record<string, string> } & Record<string, unknown>)[];
  /** What the session is told. */
  told: string[];
  keys: Map<string, string>;
}

/** The account, received by one of the two ways: everything from the stanza to the store is the service's own. */
export class Account implements RemoteDevice {
  readonly user = INSTANCE;
  readonly device = 0;
  readonly store = new MemoryStore();
  readonly creds: AuthenticationCreds;
  private readonly told: string[] = [];
  private readonly frames: string[] = [];
  private readonly settings = new SessionSettings();
  private readonly caches = new InstanceCaches();
  private readonly groupCommit: GroupCommit;
  private readonly handle = new SessionHandle(INSTANCE, 1, CLEAR);
  private keys!: SessionKeyStore;
  private connection!: WaConnection;
  private seenRows = 0;
  private readonly handedOut = new Set<number>();
  private readonly hasFastReceive: boolean;
  private readonly preKeys: ReadonlyMap<number, KeyPair>;

  /**
   * @param creds as JSON
   */
  constructor(hasFastReceive: boolean, creds: string, preKeys: ReadonlyMap<number, KeyPair>) {
    this.hasFastReceive = hasFastReceive;
    this.preKeys = preKeys;
    this.creds = JSON.parse(creds, BufferJSON.reviver) as AuthenticationCreds;
    this.groupCommit = new GroupCommit(
      this.store as unknown as SessionStoreRepository,
      new NoNotifier(),
      new InboxHandoff(),
      new GroupCommitOptions(),
      LOGS,
    );
    for (const [id, pair] of preKeys) {
      const value = Buffer.from(JSON.stringify(pair, BufferJSON.replacer));
      this.store.keys.set(`pre-key/${id}`, { type: 'pre-key', id: String(id), value });
    }
  }

  /** @param isComplete what is stored is all in memory */
  connect(isComplete: boolean): void {
    const stored = isComplete ? [...this.store.keys.values()].filter(({ type }) => type !== 'pre-key') : [];
    this.keys = new SessionKeyStore(
      this.handle,
      {
        store: this.store as unknown as SessionStoreRepository,
        groupCommit: this.groupCommit,
        options: { ...this.settings.keyStore, cacheBytes: this.settings.keyCache.sessionBytes },
        budget: new KeyCacheBudget(this.settings.keyCache.totalBytes),
      },
      { keys: stored.toReversed(), keysComplete: isComplete },
    );
    const owned = {
      handle: this.handle,
      keys: this.keys,
      creds: this.creds,
      storedCredentials: null,
      phoneNumber: null,
      logoutMs: null,
      isRestricted: false,
    };
    let isCurrent = true;
    this.connection = connectSession(
      {
        settings: this.settings,
        config: { hasFastReceive: this.hasFastReceive, whatsappWsUrl: 'ws://127.0.0.1:9' } as AppConfig,
        groupCommit: this.groupCommit,
        messages: { findOutboundContent: async () => null } as never,
        watchdogs: new Watchdogs(),
        clock: new LineClock(lookMs(this.settings)),
      },
      { owned, caches: this.caches, isCodePairing: false, log: LOG },
      {
        onUpdate: () => undefined,
        onCredentials: () => this.told.push('credentials'),
        onUpdated: (updates) => this.told.push(`updated ${JSON.stringify(updates, BufferJSON.replacer)}`),
        onPaired: (pair) => this.told.push(`paired ${JSON.stringify(pair)}`),
        mayHaveAgain: async () => false,
        onFileAnswer: async () => undefined,
        onGroup: () => undefined,
        onGroupNotice: async () => undefined,
        onClosed: () => (isCurrent = false),
      },
      () => isCurrent,
    );
  }

  /** Ends the line; what was not received is delivered again. */
  async disconnect(): Promise<void> {
    this.connection.end(new Error('the history says so'));
    this.keep();
    await this.quiet();
  }

  get socket(): WaConnection['socket'] {
    return this.connection.socket;
  }

  private get keyStore(): SignalKeyStoreWithTransaction {
    return this.socket.authState.keys as SignalKeyStoreWithTransaction;
  }

  /** A stanza comes in. */
  deliver(stanza: BinaryNode): void {
    const ws = this.socket.ws as unknown as EventEmitter;
    ws.emit('CB:message', copyOf(stanza));
  }

  /** As Baileys' `relayMessage`: encrypts, and writes the stanza, within one transaction. */
  send(to: string, id: string, data: Buffer): Promise<{ type: 'pkmsg' | 'msg'; ciphertext: Buffer }> {
    return this.keyStore.transaction(async () => {
      const { type, ciphertext } = await this.socket.signalRepository.encryptMessage({ jid: to, data });
      const enc: BinaryNode = { tag: 'enc', attrs: { v: '2', type }, content: ciphertext };
      await this.socket.sendNode({ tag: 'message', attrs: { id, to, type: 'text' }, content: [enc] });
      return { type, ciphertext: Buffer.from(ciphertext) };
    }, this.creds.me!.id);
  }

  /** A session with a device, of its bundle. */
  async open(
    jid: string,
    { registrationId, identity, signedPreKey, oneTimeKey }: PreKeyBundle,
  ): Promise<void> {
    await this.socket.signalRepository.injectE2ESession({
      jid,
      session: {
        registrationId,
        identityKey: withKeyType(identity),
        signedPreKey: {
          keyId: signedPreKey.id,
          publicKey: withKeyType(signedPreKey.value),
          signature: signedPreKey.signature,
        },
        preKey: { keyId: oneTimeKey!.id, publicKey: withKeyType(oneTimeKey!.value) },
      },
    });
  }

  async hasSession(jid: string): Promise<boolean> {
    return (await this.socket.signalRepository.validateSession(jid)).exists;
  }

  async learn(lid: string, pn: string): Promise<void> {
    await this.socket.signalRepository.lidMapping.storeLIDPNMappings([{ lid, pn }]);
  }

  async nameDevices(user: string, devices: string[]): Promise<void> {
    await this.keyStore.set({ 'device-list': { [user]: devices } });
  }

  /** @returns a key that was not handed out yet */
  bundle(): PreKeyBundle {
    const { registrationId, signedIdentityKey, signedPreKey } = this.creds;
    const [id, pair] = [...this.preKeys].find(([key]) => !this.handedOut.has(key))!;
    this.handedOut.add(id);
    return {
      registrationId,
      identity: Buffer.from(signedIdentityKey.public),
      signedPreKey: {
        id: signedPreKey.keyId,
        value: Buffer.from(signedPreKey.keyPair.public),
        signature: Buffer.from(signedPreKey.signature),
      },
      oneTimeKey: { id, value: Buffer.from(generateSignalPubKey(pair.public)).subarray(1) },
    };
  }

  /** Waits until nothing is under way any more. */
  async quiet(): Promise<void> {
    const inside = this.connection as unknown as Inside;
    for (let idle = 0; idle < QUIET_TURNS;) {
      await turn();
      const isBusy =
        inside.stanzas.isRunning || inside.gate.heldFrames > 0 || this.groupCommit.pendingRows > 0;
      idle = isBusy ? 0 : idle + 1;
    }
  }

  /** @returns what happened since the last call */
  happened(): Happened {
    this.keep();
    const rows = this.store.inbox
      .slice(this.seenRows)
      .map(({ receivedAt: _at, plain: _plain, body, ...row }) => ({ ...row, body: body?.toString('hex') }));
    this.seenRows = this.store.inbox.length;
    return {
      frames: this.frames.splice(0),
      rows,
      told: this.told.splice(0),
      keys: new Map([...this.store.keys].map(([name, { value }]) => [name, value.toString()])),
    };
  }

  private keep(): void {
    const { socket: line } = this.socket.ws as unknown as { socket: SilentLine | null };
    this.frames.push(...(line?.frames.splice(0) ?? []).map((frame) => frame.toString('hex')));
  }
}

/** Its bytes are shared: nobody changes them. */
function copyOf({ tag, attrs, content }: BinaryNode): BinaryNode {
  return {
    tag,
    attrs: { ...attrs },
    ...(content !== undefined && { content: Array.isArray(content) ? content.map(copyOf) : content }),
  };
}
