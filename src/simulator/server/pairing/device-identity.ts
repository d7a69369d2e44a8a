import { createHmac } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { sign, verify } from '../../protocol/keys.js';
import type { KeyPair } from '../../protocol/keys.js';

const ACCOUNT_PREFIX = Buffer.from([6, 0]);
const NOTHING = Buffer.alloc(0);
const DEVICE_PREFIX = Buffer.from([6, 1]);

/** What a phone signs when it accepts a companion, and what the companion's answer is checked against. */
export interface IdentityOffer {
  /** The `device-identity` for the companion: signed identity plus HMAC by the shared secret. */
  readonly sealed: Buffer;
  readonly details: Buffer;
  readonly accountKey: Buffer;
  readonly accountSignature: Buffer;
}

/** Signs a companion's identity with the phone's identity key and seals it with the secret both sides share. */
export function offerIdentity(
  phone: KeyPair,
  companion: Buffer,
  advSecret: Buffer,
  keyIndex: number,
): IdentityOffer {
  const details = Buffer.from(
    proto.ADVDeviceIdentity.encode({
      rawId: companion.readUInt32BE(0) >>> 1,
      timestamp: Math.floor(Date.now() / 1000),
      keyIndex,
      accountType: 0,
      deviceType: 0,
    }).finish(),
  );
  const accountSignature = sign(phone.private, Buffer.concat([ACCOUNT_PREFIX, details, companion]));
  const signed = proto.ADVSignedDeviceIdentity.encode({
    details,
    accountSignatureKey: phone.public,
    accountSignature,
  }).finish();
  const hmac = createHmac('sha256', advSecret).update(signed).digest();
  const sealed = Buffer.from(proto.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac }).finish());
  return { sealed, details, accountKey: phone.public, accountSignature };
}

/**
 * Checks the companion's signed answer strictly: same details, same account signature, valid device signature.
 * Returns the blob that peers may ask for. Throws an Error that says what is wrong.
 */
export function acceptIdentity(offer: IdentityOffer, companion: Buffer, answer: Uint8Array): Buffer {
  const signed = proto.ADVSignedDeviceIdentity.decode(answer);
  if (signed.accountSignatureKey?.length) {
    throw new Error('the answer repeats the account key');
  }
  if (
    !offer.details.equals(signed.details ?? NOTHING) ||
    !offer.accountSignature.equals(signed.accountSignature ?? NOTHING)
  ) {
    throw new Error('the answer is about another identity');
  }
  const message = Buffer.concat([DEVICE_PREFIX, offer.details, companion, offer.accountKey]);
  if (!verify(companion, message, signed.deviceSignature ?? NOTHING)) {
    throw new Error('the device signature is not valid');
  }
  return Buffer.from(answer);
}
