import { createPublicKey, verify } from 'node:crypto';

const FIELD = 2n ** 255n - 19n;
/** What comes before the 32 bytes of an Ed25519 key in DER. */
const ED25519_DER = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Checks a signature that was made with a Curve25519 key (XEdDSA), as all of WhatsApp's are: Ed25519 over the same curve
 * in other coordinates. So the runtime's own Ed25519 can do it, in a tenth of the time that JavaScript takes.
 *
 * Library: `node_modules/libsignal/src/curve.js`, `verifySignature`, which this takes the place of.
 *
 * @param publicKey 32 bytes
 * @returns whether the signature is valid; never throws
 */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const edwards = publicKey.length === 32 && signature.length === 64 ? toEdwards(publicKey) : undefined;
  if (edwards === undefined) {
    return false;
  }
  // The sign of the other coordinate travels in the top bit of the signature, which Ed25519 does not use.
  edwards[31]! |= signature[63]! & 0x80;
  const plain = Buffer.from(signature);
  plain[63]! &= 0x7f;
  const key = createPublicKey({ key: Buffer.concat([ED25519_DER, edwards]), format: 'der', type: 'spki' });
  return verify(null, message, key, plain);
}

/** @returns y = (u - 1) / (u + 1), little-endian; undefined for the one u that has none */
function toEdwards(publicKey: Uint8Array): Buffer | undefined {
  const bytes = Buffer.from(publicKey).reverse();
  bytes[0]! &= 0x7f;
  const u = BigInt(`0x${bytes.toString('hex')}`) % FIELD;
  const inverse = invert(u + 1n);
  if (inverse === undefined) {
    return undefined;
  }
  const y = ((u + FIELD - 1n) * inverse) % FIELD;
  return Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse();
}

/** Extended Euclid. The keys are public: how long it takes gives nothing away. */
function invert(value: bigint): bigint | undefined {
  let [rest, divisor] = [FIELD, value % FIELD];
  let [before, factor] = [0n, 1n];
  while (divisor !== 0n) {
    const quotient = rest / divisor;
    [rest, divisor] = [divisor, rest - quotient * divisor];
    [before, factor] = [factor, before - quotient * factor];
  }
  return rest === 1n ? ((before % FIELD) + FIELD) % FIELD : undefined;
}
