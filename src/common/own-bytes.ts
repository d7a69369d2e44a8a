/**
 * Small Buffers are pieces of slabs of 64 kB, and a slab stays in memory as long as one of its pieces is used.
 *
 * @param bytes that are kept for long
 * @returns the same in memory of their own
 */
export function ownBytes(bytes: Uint8Array): Buffer {
  const own = Buffer.alloc(bytes.length);
  own.set(bytes);
  return own;
}
