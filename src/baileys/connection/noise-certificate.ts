import { proto } from '@whiskeysockets/baileys';
import { verifySignature } from '../patches/xeddsa.js';

/** What is wrong with a server's certificates. */
export type CertificateFault =
  | 'certificates_missing'
  | 'intermediate_not_signed_by_root'
  | 'intermediate_of_another_issuer'
  | 'leaf_not_signed_by_intermediate'
  | 'leaf_of_another_issuer'
  | 'leaf_of_another_server'
  | 'certificate_not_yet_valid'
  | 'certificate_expired';

export interface CertificateCheck {
  /** What the server sent, decrypted. */
  chain: Uint8Array;
  /** The key that the server proved to have. */
  serverKey: Uint8Array;
  /** Whose signature is believed. */
  rootKey: Uint8Array;
  /** In ms. */
  now: number;
}

const { Details } = proto.CertChain.NoiseCertificate;
type Details = proto.CertChain.NoiseCertificate.Details;

const ROOT_SERIAL = 0;
/** Signs nothing, and is nobody's. */
const NO_KEY = new Uint8Array();
/** Clocks differ; those of two servers by less than this. */
const CLOCK_TOLERANCE_SECONDS = 5 * 60;

/**
 * Checks the certificates of a Noise handshake: the root signed the intermediate one, that one the leaf, both are valid
 * now, and the leaf is the certificate of this very server.
 *
 * @returns what is wrong, or undefined
 * @throws Error when the bytes are no certificates
 */
export function faultOfCertificates(check: CertificateCheck): CertificateFault | undefined {
  const { intermediate, leaf } = proto.CertChain.decode(check.chain);
  if (!intermediate?.details || !intermediate.signature || !leaf?.details || !leaf.signature) {
    return 'certificates_missing';
  }
  if (!verifySignature(check.rootKey, intermediate.details, intermediate.signature)) {
    return 'intermediate_not_signed_by_root';
  }
  const issuer = Details.decode(intermediate.details);
  if (issuer.issuerSerial !== ROOT_SERIAL) {
    return 'intermediate_of_another_issuer';
  }
  if (!verifySignature(issuer.key ?? NO_KEY, leaf.details, leaf.signature)) {
    return 'leaf_not_signed_by_intermediate';
  }
  const subject = Details.decode(leaf.details);
  if (subject.issuerSerial !== issuer.serial) {
    return 'leaf_of_another_issuer';
  }
  if (!Buffer.from(subject.key ?? NO_KEY).equals(check.serverKey)) {
    return 'leaf_of_another_server';
  }
  return faultOfTime(issuer, check.now) ?? faultOfTime(subject, check.now);
}

/** A certificate without a date is not bounded on that side. */
function faultOfTime({ notBefore, notAfter }: Details, now: number): CertificateFault | undefined {
  const seconds = now / 1000;
  const [from, until] = [Number(notBefore), Number(notAfter)];
  if (from > 0 && seconds < from - CLOCK_TOLERANCE_SECONDS) {
    return 'certificate_not_yet_valid';
  }
  return until > 0 && seconds > until + CLOCK_TOLERANCE_SECONDS ? 'certificate_expired' : undefined;
}
