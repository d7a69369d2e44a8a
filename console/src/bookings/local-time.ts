/** @returns a moment as `<input type="datetime-local">` has it, in the time of the device; empty for none */
export function toLocalInput(iso: string | null): string {
  if (iso === null) {
    return '';
  }
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** @returns the moment that somebody wrote into `<input type="datetime-local">`, as ISO 8601; null where it is empty */
export function fromLocalInput(local: string): string | null {
  return local === '' ? null : new Date(local).toISOString();
}
