import { ControlError } from './control-error.js';

/** Reads a JSON object or query string with checks; a wrong field answers 400 and names itself. */
export class Fields {
  constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  /** A non-empty string. */
  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined || value === '') {
      throw invalid(name, 'a non-empty string');
    }
    return value;
  }

  /** A string, if present. */
  optionalText(name: string): string | undefined {
    const value = this.values[name];
    if (value === undefined || typeof value === 'string') {
      return value;
    }
    throw invalid(name, 'a string');
  }

  /** A whole number within bounds, or the default when absent. Digits in a string count. */
  number<T extends number | undefined>(name: string, fallback: T, min: number, max: number): number | T {
    const value = this.values[name];
    if (value === undefined) {
      return fallback;
    }
    const number = typeof value === 'string' && value !== '' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < min || number > max) {
      throw invalid(name, `a whole number from ${min} to ${max}`);
    }
    return number;
  }

  /** true or false; false when absent. */
  flag(name: string): boolean {
    const value = this.values[name] ?? false;
    if (typeof value !== 'boolean') {
      throw invalid(name, 'true or false');
    }
    return value;
  }

  /** One of the given words, or undefined when absent. */
  oneOf<T extends string>(name: string, words: readonly T[]): T | undefined {
    const value = this.optionalText(name);
    const found = words.find((word) => word === value);
    if (value !== undefined && found === undefined) {
      throw invalid(name, `one of ${words.join(', ')}`);
    }
    return found;
  }

  /** An object within a nested object, if present. */
  nested(outer: string, inner: string): Record<string, unknown> | undefined {
    return new Fields(this.object(outer) ?? {}).object(inner);
  }

  /** A nested object, if present. */
  object(name: string): Record<string, unknown> | undefined {
    const value = this.values[name];
    if (value === undefined) {
      return undefined;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalid(name, 'an object');
    }
    return value as Record<string, unknown>;
  }
}

function invalid(name: string, expected: string): ControlError {
  return new ControlError(400, 'invalid-input', `${name} must be ${expected}`);
}
