/**
 * For texts of libraries, which may quote phone numbers and addresses.
 * @param maxLength of what is returned
 * @returns the text with each run of six digits or more hidden, and cut off
 */
export function withoutNumbers(text: string, maxLength = 300): string {
  return text.replace(/\d{6,}/g, '[number]').slice(0, maxLength);
}
