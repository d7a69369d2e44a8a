/** Longer than any that WhatsApp's own clients write. */
const MAX_LENGTH = 262_144;

/** What a sender wrote as JSON: anything. */
export type ForeignObject = Record<string, unknown>;

/** @returns the object that a sender wrote as JSON; an empty one for anything else. Never throws */
export function parseForeign(json: string | null | undefined): ForeignObject {
  if (!json || json.length > MAX_LENGTH) {
    return {};
  }
  try {
    return objectOf(JSON.parse(json));
  } catch {
    return {};
  }
}

/** @returns the value where it is an object; else an empty one */
export function objectOf(value: unknown): ForeignObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ForeignObject) : {};
}

/** @returns the objects in a list; none where it is none */
export function objectsOf(value: unknown): ForeignObject[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

/** @returns the first of the named fields that is a text with something in it, or a number */
export function textOf(object: ForeignObject, ...names: string[]): string | undefined {
  const value = names.map((name) => object[name]).find((found) => isText(found));
  return value === undefined ? undefined : String(value as string | number);
}

function isText(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}
