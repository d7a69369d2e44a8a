/** A `%` as it is makes drivers fail with words that help nobody. @returns whether a part of a URL can be read */
export function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
