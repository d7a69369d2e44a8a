import { ProtocolAddress, SessionBuilder, SessionCipher, SessionRecord, type SignalStorage } from 'libsignal';
import { type KeyPair, generateKeyPair, sign, withKeyType } from '../../src/simulator/protocol/keys.js';

/** One end of a Signal session as libsignal has it; its record is kept as Baileys stores it. */
export class SignalEnd {
  readonly identity = generateKeyPair();
  /** As `SessionRecord.serialize` gave it last. */
  stored: unknown;
  private readonly signedPreKey = generateKeyPair();
  private readonly preKey = generateKeyPair();

  /** @param name unique in the process: libsignal's queue is */
  constructor(private readonly name: string) {}

  get publicIdentity(): Buffer {
    return withKeyType(this.identity.public);
  }

  /** Begins a session with another end. */
  async open(other: SignalEnd): Promise<void> {
    const signature = sign(other.identity.private, withKeyType(other.signedPreKey.public));
    const device = {
      registrationId: 77,
      identityKey: other.publicIdentity,
      signedPreKey: { keyId: 1, publicKey: withKeyType(other.signedPreKey.public), signature },
      preKey: { keyId: 1, publicKey: withKeyType(other.preKey.public) },
    };
    await new SessionBuilder(this.storage(), this.address()).initOutgoing(device);
  }

  async encrypt(text: string): Promise<{ type: number; body: Buffer }> {
    const { type, body } = await new SessionCipher(this.storage(), this.address()).encrypt(Buffer.from(text));
    return { type, body: Buffer.from(body, 'binary') };
  }

  async decrypt({ type, body }: { type: number; body: Buffer }): Promise<Buffer> {
    const cipher = new SessionCipher(this.storage(), this.address());
    return type === 3 ? cipher.decryptPreKeyWhisperMessage(body) : cipher.decryptWhisperMessage(body);
  }

  private address(): ProtocolAddress {
    return new ProtocolAddress(`${this.name} to the other`, 0);
  }

  private storage(): SignalStorage {
    const pairOf = (pair: KeyPair) => ({ privKey: pair.private, pubKey: withKeyType(pair.public) });
    return {
      loadSession: async () =>
        this.stored ? SessionRecord.deserialize(this.stored as never) : new SessionRecord(),
      storeSession: async (_id, record) => {
        this.stored = record.serialize();
      },
      isTrustedIdentity: () => true,
      loadPreKey: async () => pairOf(this.preKey),
      removePreKey: () => undefined,
      loadSignedPreKey: () => pairOf(this.signedPreKey),
      getOurRegistrationId: () => 77,
      getOurIdentity: () => pairOf(this.identity),
    };
  }
}

let pairs = 0;

/** @returns two ends that have written to each other: `from` writes messages of the short kind */
export async function aSignalPair(): Promise<{ from: SignalEnd; to: SignalEnd }> {
  const pair = ++pairs;
  const [from, to] = [new SignalEnd(`from ${pair}`), new SignalEnd(`to ${pair}`)];
  await from.open(to);
  await to.decrypt(await from.encrypt('hello'));
  await from.decrypt(await to.encrypt('hello yourself'));
  await to.decrypt(await from.encrypt('now we know each other'));
  return { from, to };
}

/** @returns a key pair as libsignal makes them */
export function aKeyPair(): { pubKey: Buffer; privKey: Buffer } {
  const pair = generateKeyPair();
  return { pubKey: withKeyType(pair.public), privKey: pair.private };
}
