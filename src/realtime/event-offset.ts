/**
 * Which event a client of Socket.IO has: comes as the last argument of each stored event, and the client gives it when it wants its
 * connection recovered.
 */
export function offsetOf(event: { organizationId: string; sequence: number }): string {
  return `${event.organizationId}:${event.sequence}`;
}

/** @returns the sequence of an offset; undefined where it is none of this organization */
export function sequenceAt(offset: string, organizationId: string): number | undefined {
  const [, id, digits] = /^([\w-]{1,64}):(\d{1,15})$/.exec(offset) ?? [];
  return id === organizationId ? Number(digits) : undefined;
}
