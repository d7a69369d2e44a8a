import { sightings } from './canaries.js';
import type { Shown } from './tenant.js';

/** What is one tenant's alone. */
export interface TenantData {
  /** Ids that the service gave it; logs may name them. */
  ids: readonly string[];
  /** Numbers, names and texts; logs may not. */
  words: readonly string[];
}

/**
 * Looks through what somebody was shown for what is another's.
 * @returns where something was found, and what
 */
export function leaksIn(shown: readonly Shown[], { ids, words }: TenantData): string[] {
  const places = new Map<string, string[]>();
  for (const { where, text } of shown) {
    places.set(where, [...(places.get(where) ?? []), text]);
  }
  const found = sightings(
    Object.fromEntries([...ids, ...words].map((one) => [one, [one]])),
    [...places].map(([name, texts]) => ({ name, bytes: Buffer.from(texts.join('\n')) })),
  );
  return Object.entries(found).flatMap(([what, where]) => where.map((place) => `${place}: ${what}`));
}

/** @returns lines of a log that name things of more than one tenant, or show what somebody said */
export function leakingLines(log: string, tenants: readonly TenantData[]): string[] {
  return log.split('\n').filter((line) => {
    const named = tenants.filter(({ ids }) => ids.some((id) => line.includes(id)));
    return named.length > 1 || tenants.some(({ words }) => words.some((word) => line.includes(word)));
  });
}
