/** Fields of `Message` that say nothing to a reader: key distribution (2, 15) and the context of another field (35). */
const SILENT_FIELDS = new Set([2, 15, 35]);

/**
 * Tells a message of a kind that this version's schema does not know from an empty one: protobuf decoding drops both.
 *
 * @param bytes an encoded message that decoded without error
 * @returns whether it has a field that a person may have filled
 */
export function hasSpeakingField(bytes: Uint8Array): boolean {
  let position = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let shift = 1; position < bytes.length; shift *= 128) {
      const byte = bytes[position++]!;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) {
        break;
      }
    }
    return value;
  };
  while (position < bytes.length) {
    const tag = readVarint();
    if (!SILENT_FIELDS.has(Math.floor(tag / 8))) {
      return true;
    }
    // The silent fields are all length-delimited.
    const length = readVarint();
    position += length;
  }
  return false;
}
