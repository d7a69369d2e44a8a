import { proto } from '@whiskeysockets/baileys';
import { generateKeyPair, keyPairFromSeed, sign, verify } from './keys.js';
import type { KeyPair } from './keys.js';

const ROOT_SERIAL = 0;
const INTERMEDIATE_SERIAL = 1;
const LEAF_SERIAL = 2;
const VALIDITY_SECONDS = 10 * 365 * 86_400;

/**
 * The root, intermediate and server keys of a simulated network, and the signed chain a server shows in its handshake.
 * A client that wants to check it trusts `root.public` instead of WhatsApp's key.
 */
export class CertificateAuthority {
  readonly root: KeyPair;
  readonly server: KeyPair;
  readonly chain: Buffer;

  constructor(seed?: string) {
    const make = (label: string): KeyPair =>
      seed === undefined ? generateKeyPair() : keyPairFromSeed(seed, label);
    this.root = make('root');
    this.server = make('server');
    const intermediate = make('intermediate');
    this.chain = Buffer.from(
      proto.CertChain.encode({
        intermediate: certify(this.root, {
          serial: INTERMEDIATE_SERIAL,
          issuerSerial: ROOT_SERIAL,
          key: intermediate.public,
        }),
        leaf: certify(intermediate, {
          serial: LEAF_SERIAL,
          issuerSerial: INTERMEDIATE_SERIAL,
          key: this.server.public,
        }),
      }).finish(),
    );
  }
}

function certify(issuer: KeyPair, subject: { serial: number; issuerSerial: number; key: Buffer }) {
  const now = Math.floor(Date.now() / 1000);
  const details = proto.CertChain.NoiseCertificate.Details.encode({
    ...subject,
    notBefore: now - 86_400,
    notAfter: now + VALIDITY_SECONDS,
  }).finish();
  return { details, signature: sign(issuer.private, details) };
}

/** Checks a chain the strict way: both signatures, both serial links, and that the leaf is the server's static key. */
export function verifyChain(chain: Uint8Array, rootKey: Uint8Array, serverKey: Uint8Array): boolean {
  const { intermediate, leaf } = proto.CertChain.decode(chain);
  if (!intermediate?.details || !intermediate.signature || !leaf?.details || !leaf.signature) {
    return false;
  }
  const issuer = proto.CertChain.NoiseCertificate.Details.decode(intermediate.details);
  const subject = proto.CertChain.NoiseCertificate.Details.decode(leaf.details);
  if (!issuer.key || !subject.key) {
    return false;
  }
  return (
    verify(rootKey, intermediate.details, intermediate.signature) &&
    verify(issuer.key, leaf.details, leaf.signature) &&
    issuer.issuerSerial === ROOT_SERIAL &&
    subject.issuerSerial === issuer.serial &&
    Buffer.from(serverKey).equals(subject.key)
  );
}
