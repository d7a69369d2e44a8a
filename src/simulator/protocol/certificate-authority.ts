import { proto } from '@whiskeysockets/baileys';
import { generateKeyPair, keyPairFromSeed, sign, verify } from './keys.js';
import type { KeyPair } from './keys.js';

const ROOT_SERIAL = 0;
const INTERMEDIATE_SERIAL = 1;
const LEAF_SERIAL = 2;
const HOUR_SECONDS = 3_600;
const VALIDITY_SECONDS = 10 * 365 * 24 * HOUR_SECONDS;

/** What may be wrong with the certificates that a server shows, each of them enough not to trust it. */
export const CERTIFICATE_FLAWS = [
  'foreign-root',
  'foreign-issuer',
  'forged-leaf',
  'foreign-leaf-issuer',
  'foreign-server',
  'not-yet-valid',
  'expired',
  'missing-intermediate',
  'missing-leaf',
  'truncated',
  'absent',
] as const;

export type CertificateFlaw = (typeof CERTIFICATE_FLAWS)[number];

interface Subject {
  readonly serial: number;
  readonly issuerSerial: number;
  readonly key: Buffer;
}

/**
 * The root, intermediate and server keys of a simulated network, and the signed chain a server shows in its handshake.
 * A client that wants to check it trusts `root.public` instead of WhatsApp's key.
 */
export class CertificateAuthority {
  readonly root: KeyPair;
  readonly server: KeyPair;
  readonly chain: Buffer;
  private readonly intermediate: KeyPair;

  constructor(seed?: string) {
    const make = (label: string): KeyPair =>
      seed === undefined ? generateKeyPair() : keyPairFromSeed(seed, label);
    this.root = make('root');
    this.server = make('server');
    this.intermediate = make('intermediate');
    this.chain = this.chainWith();
  }

  /** A chain that is signed and encoded well but for one flaw; a sound one without it. */
  chainWith(flaw?: CertificateFlaw): Buffer {
    const isFlawed = (name: CertificateFlaw): boolean => flaw === name;
    const root = isFlawed('foreign-root') ? generateKeyPair() : this.root;
    const leafIssuer = isFlawed('forged-leaf') ? generateKeyPair() : this.intermediate;
    const server = isFlawed('foreign-server') ? generateKeyPair() : this.server;
    const [from, until] = validity(flaw);
    const intermediate = certify(root, from, until, {
      serial: INTERMEDIATE_SERIAL,
      issuerSerial: isFlawed('foreign-issuer') ? 7 : ROOT_SERIAL,
      key: this.intermediate.public,
    });
    const leaf = certify(leafIssuer, from, until, {
      serial: LEAF_SERIAL,
      issuerSerial: isFlawed('foreign-leaf-issuer') ? 7 : INTERMEDIATE_SERIAL,
      key: server.public,
    });
    const certificates = {
      ...(!isFlawed('missing-intermediate') && { intermediate }),
      ...(!isFlawed('missing-leaf') && { leaf }),
    };
    const chain = Buffer.from(proto.CertChain.encode(certificates).finish());
    return chain.subarray(0, isFlawed('absent') ? 0 : isFlawed('truncated') ? -1 : undefined);
  }
}

/** From when until when, in s. */
function validity(flaw?: CertificateFlaw): [from: number, until: number] {
  const now = Math.floor(Date.now() / 1000);
  switch (flaw) {
    case 'not-yet-valid':
      return [now + HOUR_SECONDS, now + VALIDITY_SECONDS];
    case 'expired':
      return [now - VALIDITY_SECONDS, now - HOUR_SECONDS];
    default:
      return [now - 24 * HOUR_SECONDS, now + VALIDITY_SECONDS];
  }
}

function certify(issuer: KeyPair, notBefore: number, notAfter: number, subject: Subject) {
  const fields = { ...subject, notBefore, notAfter };
  const details = proto.CertChain.NoiseCertificate.Details.encode(fields).finish();
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
