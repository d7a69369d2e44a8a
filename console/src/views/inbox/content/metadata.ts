import type { Shown } from './shown.ts';

/** @returns what is known of a message beside its words: its sender said so, and it may be anything */
export function metadataOf({ metadata }: Pick<Shown, 'metadata'>): Record<string, unknown> {
  return metadata ?? {};
}

/** @returns a text of it; undefined where it is none */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value)
    ? value.filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null)
    : [];
}

export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
