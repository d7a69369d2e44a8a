import type { MessageMetadata } from '../../common/message-types.js';
import { cleanText } from './message-cleaning.js';

const MAX_TEXT_LENGTH = 4_096;
const MAX_ENTRIES = 300;
const MAX_DEPTH = 8;
/** Characters in all texts and names of one message's metadata. */
const MAX_CHARACTERS = 65_536;

/**
 * Senders fill it: what JSON or Postgres can't store is left out, and what is too long is cut.
 * @returns the object without empty values; undefined where nothing is left
 */
export function cleanMetadata(metadata: MessageMetadata): MessageMetadata | undefined {
  const cleaned = new MetadataCleaning().object(metadata, 0);
  return Object.keys(cleaned).length > 0 ? cleaned : undefined;
}

class MetadataCleaning {
  private left = MAX_CHARACTERS;

  object(value: object, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const [name, entry] of Object.entries(value).slice(0, MAX_ENTRIES)) {
      const cleaned = this.value(entry, depth);
      if (cleaned !== undefined) {
        // A sender may name a field `__proto__`.
        Object.defineProperty(result, this.text(name), { value: cleaned, ...ORDINARY });
      }
    }
    return result;
  }

  private value(value: unknown, depth: number): unknown {
    if (depth >= MAX_DEPTH || this.left <= 0) {
      return undefined;
    }
    switch (typeof value) {
      case 'string':
        return value === '' ? undefined : this.text(value);
      case 'number':
        return Number.isFinite(value) ? value : undefined;
      case 'boolean':
        return value;
      case 'object':
        return value === null ? undefined : this.nested(value, depth + 1);
      default:
        return undefined;
    }
  }

  private nested(value: object, depth: number): unknown {
    if (!Array.isArray(value)) {
      return this.object(value, depth);
    }
    return value
      .slice(0, MAX_ENTRIES)
      .map((entry: unknown) => this.value(entry, depth))
      .filter((entry) => entry !== undefined);
  }

  private text(text: string): string {
    // Cut before cleaning: cutting may halve a pair of surrogates.
    const cut = cleanText(text.slice(0, Math.min(MAX_TEXT_LENGTH, this.left)));
    this.left -= cut.length;
    return cut;
  }
}

const ORDINARY = { enumerable: true, configurable: true, writable: true } as const;
