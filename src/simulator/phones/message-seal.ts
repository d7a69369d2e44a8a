import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { expand } from '../protocol/keys.js';

/** What is sealed under the secret of the message that it changes. */
export type SealUse =
  'Poll Vote' | 'Event Response' | 'Event Edit' | 'Message Edit' | 'Enc Reaction' | 'Enc Comment';

/** Which message is changed, and by whom; addresses without devices. */
export interface SealTarget {
  readonly id: string;
  /** Who wrote the message. */
  readonly author: string;
  /** Who changes it. */
  readonly changer: string;
  readonly secret: Uint8Array;
}

const TAG_BYTES = 16;
const BOUND_TO_CHANGER: ReadonlySet<SealUse> = new Set(['Poll Vote', 'Event Response']);

/** Seals a change, as phones do. */
export function seal(use: SealUse, target: SealTarget, plaintext: Uint8Array) {
  const encIv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(use, target), encIv);
  cipher.setAAD(boundTo(use, target));
  return {
    encPayload: Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]),
    encIv,
  };
}

/** Opens a change. Throws when it was sealed for another message, or by another author. */
export function unseal(
  use: SealUse,
  target: SealTarget,
  sealed: { readonly encPayload?: Uint8Array | null; readonly encIv?: Uint8Array | null },
): Buffer {
  const payload = Buffer.from(sealed.encPayload ?? []);
  const decipher = createDecipheriv('aes-256-gcm', keyOf(use, target), sealed.encIv ?? Buffer.alloc(12));
  decipher.setAAD(boundTo(use, target));
  decipher.setAuthTag(payload.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(payload.subarray(0, -TAG_BYTES)), decipher.final()]);
}

function keyOf(use: SealUse, { id, author, changer, secret }: SealTarget): Buffer {
  return expand(secret, Buffer.alloc(0), `${id}${author}${changer}${use}`, 32);
}

function boundTo(use: SealUse, { id, changer }: SealTarget): Buffer {
  return Buffer.from(BOUND_TO_CHANGER.has(use) ? `${id}\0${changer}` : '');
}
