import { WA_ADV_ACCOUNT_SIG_PREFIX, WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX } from '@whiskeysockets/baileys';
import { verifySignature } from './xeddsa.js';

const PREFIXES = [WA_ADV_ACCOUNT_SIG_PREFIX, WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX];

/**
 * Checks what the library wants to know of a signature (`Curve.verify`, see `makeSocket`). A phone that links us signs under a prefix which depends on whether
 * the account is hosted; the library takes it from the type of the device, which may differ. So either prefix is good.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Utils/validate-connection.js`, `configureSuccessfulPairing`: one message of prefix and content is checked.
 */
export function isSigned(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return variantsOf(message).some((variant) => verifySignature(publicKey, variant, signature));
}

function variantsOf(message: Uint8Array): Uint8Array[] {
  const prefix = PREFIXES.find((each) => each.equals(message.subarray(0, each.length)));
  return prefix ? PREFIXES.map((each) => Buffer.concat([each, message.subarray(prefix.length)])) : [message];
}
