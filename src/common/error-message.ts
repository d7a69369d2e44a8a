/** @returns what an error says; of a thrown value that is no error, the value as text */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
