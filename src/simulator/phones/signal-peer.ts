import { ProtocolAddress, SessionBuilder } from 'libsignal';
import type { SessionRecord, SignalStorage } from 'libsignal';
import { KeyedSemaphore } from '../../common/keyed-semaphore.js';
import { generateKeyPair, keyPairFromSeed, sign, withKeyType } from '../protocol/keys.js';
import type { KeyPair } from '../protocol/keys.js';
import { RollbackSessionCipher } from './rollback-session-cipher.js';
import { SilentSessionRecord } from './silent-session-record.js';

/** A public key with the id its owner knows it by. */
export interface PublicPreKey {
  readonly id: number;
  readonly value: Buffer;
}

/** What somebody needs to start a Signal session with a device. */
export interface PreKeyBundle {
  readonly registrationId: number;
  readonly identity: Buffer;
  readonly signedPreKey: PublicPreKey & { readonly signature: Buffer };
  readonly oneTimeKey?: PublicPreKey;
  readonly deviceIdentity?: Buffer;
}

/** A device somewhere else that this peer talks to. `user` must be unique in the network. */
export interface RemoteDevice {
  readonly user: string;
  readonly device: number;
  /** Hands out its bundle; uses up a one-time key. */
  bundle(): PreKeyBundle;
}

/** An encrypted message and how to label it in `enc type`. */
export interface EncryptedMessage {
  readonly type: 'pkmsg' | 'msg';
  readonly ciphertext: Buffer;
}

const SIGNED_KEY_ID = 1;
const MAX_ONE_TIME_KEYS = 2000;
const PREKEY_MESSAGE = 3;

/**
 * One real Signal end point of a simulated phone: identity, prekeys and one session per remote device, whatever
 * addressing the device uses. libsignal queues work per address name across the process, hence the unique `name`.
 */
export class SignalPeer {
  readonly identity: KeyPair;
  readonly registrationId: number;
  private readonly signedPreKey: KeyPair;
  private signature: Buffer | undefined;
  private readonly oneTimeKeys = new Map<number, KeyPair>();
  private nextKeyId = 1;
  private readonly sessions = new Map<string, SilentSessionRecord>();
  private readonly queues = new KeyedSemaphore();

  constructor(
    readonly name: string,
    seed?: string,
  ) {
    this.identity = seed === undefined ? generateKeyPair() : keyPairFromSeed(seed, `identity:${name}`);
    this.signedPreKey = generateKeyPair();
    this.registrationId = (this.identity.public.readUInt16BE(0) & 0x3fff) | 1;
  }

  /** A bundle for somebody who wants to write to this peer; each one-time key is handed out once. */
  bundle(): PreKeyBundle {
    this.signature ??= sign(this.identity.private, withKeyType(this.signedPreKey.public));
    const signedPreKey = { id: SIGNED_KEY_ID, value: this.signedPreKey.public, signature: this.signature };
    const base = { registrationId: this.registrationId, identity: this.identity.public, signedPreKey };
    if (this.oneTimeKeys.size >= MAX_ONE_TIME_KEYS) {
      return base;
    }
    const id = this.nextKeyId++;
    const pair = generateKeyPair();
    this.oneTimeKeys.set(id, pair);
    return { ...base, oneTimeKey: { id, value: pair.public } };
  }

  /** Encrypts in call order per remote device; opens a session first when there is none, or when `fresh` keys are wanted. */
  encrypt(remote: RemoteDevice, plaintext: Buffer, fresh?: PreKeyBundle | true): Promise<EncryptedMessage> {
    const address = this.addressOf(remote);
    return this.queues.run(address.toString(), async () => {
      const storage = this.storage(false);
      if (fresh || !this.sessions.get(address.toString())?.getOpenSession()) {
        await this.startSession(storage, address, typeof fresh === 'object' ? fresh : remote.bundle());
      }
      const { type, body } = await new RollbackSessionCipher(storage, address).encrypt(plaintext);
      return { type: type === PREKEY_MESSAGE ? 'pkmsg' : 'msg', ciphertext: Buffer.from(body, 'binary') };
    });
  }

  /** Decrypts in call order per remote device. Rejects when that is not possible; the sessions stay as they were. */
  decrypt(remote: RemoteDevice, type: string, ciphertext: Buffer): Promise<Buffer> {
    const address = this.addressOf(remote);
    return this.queues.run(address.toString(), () => {
      const cipher = new RollbackSessionCipher(this.storage(true), address);
      return type === 'pkmsg'
        ? cipher.decryptPreKeyWhisperMessage(ciphertext)
        : cipher.decryptWhisperMessage(ciphertext);
    });
  }

  /** Loses the sessions, as a re-installed phone would; messages on them no longer decrypt. */
  forgetSessions(): void {
    this.sessions.clear();
  }

  private addressOf(remote: RemoteDevice): ProtocolAddress {
    return new ProtocolAddress(`${this.name}>${remote.user}`, remote.device);
  }

  private async startSession(
    storage: SignalStorage,
    address: ProtocolAddress,
    bundle: PreKeyBundle,
  ): Promise<void> {
    this.sessions.get(address.toString())?.closeOpen();
    const { signedPreKey, oneTimeKey } = bundle;
    const device = {
      registrationId: bundle.registrationId,
      identityKey: withKeyType(bundle.identity),
      signedPreKey: {
        keyId: signedPreKey.id,
        publicKey: withKeyType(signedPreKey.value),
        signature: signedPreKey.signature,
      },
      ...(oneTimeKey && { preKey: { keyId: oneTimeKey.id, publicKey: withKeyType(oneTimeKey.value) } }),
    };
    await new SessionBuilder(storage, address).initOutgoing(
      device as Parameters<SessionBuilder['initOutgoing']>[0],
    );
  }

  private storage(forDecryption: boolean): SignalStorage {
    const pairOf = (pair: KeyPair) => ({ privKey: pair.private, pubKey: withKeyType(pair.public) });
    return {
      loadSession: (id) => {
        const kept = this.sessions.get(id) ?? new SilentSessionRecord();
        const record: unknown = forDecryption ? kept.scratch() : kept;
        return Promise.resolve(record as SessionRecord);
      },
      storeSession: (id, session) => {
        const record: unknown = session;
        this.sessions.set(id, (record as SilentSessionRecord).adopt());
        return Promise.resolve();
      },
      isTrustedIdentity: () => true,
      loadPreKey: (id) => {
        const pair = this.oneTimeKeys.get(Number(id));
        return Promise.resolve(pair && pairOf(pair));
      },
      removePreKey: (id) => void this.oneTimeKeys.delete(id),
      loadSignedPreKey: () => pairOf(this.signedPreKey),
      getOurRegistrationId: () => this.registrationId,
      getOurIdentity: () => pairOf(this.identity),
    };
  }
}
