/** What an API key begins with, up to its secret part; or a user's token, up to the second. */
const TOKEN = /auz_[0-9a-f]{8}_|eyJ[\w-]{8}/;

/**
 * @param text that somebody wrote into a call, in whatever place
 * @returns whether a token may be in it, so that it must not be kept
 */
export function holdsToken(text: string): boolean {
  return TOKEN.test(text);
}
