/** What a Signal message says about itself. The parts share their memory with the message. */
export interface WhisperMessage {
  /** 33 bytes. */
  ephemeralKey: Buffer;
  counter: number;
  previousCounter: number;
  body: Buffer;
  /** What its signature is over, beside the identities and the version. */
  signed: Buffer;
  /** Eight bytes. */
  mac: Buffer;
}

/** Of both numbers that the first byte has. */
const VERSION = 0x33;
const MAC_BYTES = 8;
const KEY_BYTES = 33;
const BLOCK_BYTES = 16;
/** Field and wire type: the key, the counter, the counter of the chain before, the body. */
const TAGS = [0x0a, 0x10, 0x18, 0x22] as const;

/**
 * Reads a Signal message in the one form in which they are written: version 3, the four fields once and in order, nothing else.
 *
 * Library: `node_modules/libsignal/src/session_cipher.js`, `doDecryptWhisperMessage`; `node_modules/libsignal/src/WhisperTextProtocol.js`, which
 * also takes other forms.
 *
 * @returns undefined for any other form
 */
export function readWhisperMessage(bytes: Buffer): WhisperMessage | undefined {
  const end = bytes.length - MAC_BYTES;
  if (bytes[0] !== VERSION || bytes[1] !== TAGS[0] || bytes[2] !== KEY_BYTES) {
    return undefined;
  }
  const afterKey = 3 + KEY_BYTES;
  const counter = readNumber(bytes, afterKey, TAGS[1]);
  const previous = counter && readNumber(bytes, counter.next, TAGS[2]);
  const length = previous && readNumber(bytes, previous.next, TAGS[3]);
  if (
    !length ||
    length.next + length.value !== end ||
    length.value % BLOCK_BYTES !== 0 ||
    length.value === 0
  ) {
    return undefined;
  }
  return {
    ephemeralKey: bytes.subarray(3, afterKey),
    counter: counter.value,
    previousCounter: previous.value,
    body: bytes.subarray(length.next, end),
    signed: bytes.subarray(1, end),
    mac: bytes.subarray(end),
  };
}

/** A number of at most 28 bits, written as briefly as it can be, behind its tag. */
function readNumber(bytes: Buffer, at: number, tag: number): { value: number; next: number } | undefined {
  if (bytes[at] !== tag) {
    return undefined;
  }
  let value = 0;
  for (let length = 0; length < 4; length++) {
    const byte = bytes[at + 1 + length] ?? 0x80;
    value |= (byte & 0x7f) << (7 * length);
    if (byte < 0x80) {
      return length > 0 && byte === 0 ? undefined : { value, next: at + 2 + length };
    }
  }
  return undefined;
}
