/** @returns an id that nothing else has, such as of a call that is made once. Not `randomUUID`, which pages have over https alone */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
