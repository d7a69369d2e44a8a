/** The environment is not as it has to be; the message names every fault. */
export class ConfigurationError extends Error {}

/** Reads variables and collects what is wrong with them, so that all faults are told at once. */
export class Environment {
  private readonly faults: string[] = [];
  private readonly variables: Readonly<Record<string, string | undefined>>;

  /** @param variables as `process.env` has them; an empty one counts as absent */
  constructor(variables: Readonly<Record<string, string | undefined>>) {
    this.variables = variables;
  }

  /** @returns the value, or undefined where it is absent */
  optional(name: string): string | undefined {
    const value = this.variables[name]?.trim();
    return value === '' ? undefined : value;
  }

  /** @param hint what to set it to, for the message */
  required(name: string, hint: string): string {
    const value = this.optional(name);
    if (value === undefined) {
      this.faults.push(`${name} is missing: ${hint}`);
    }
    return value ?? '';
  }

  /** @returns an http(s) address without a slash at its end */
  url(name: string, hint: string): string {
    const value = this.required(name, hint);
    if (value !== '' && !/^https?:$/.test(protocolOf(value))) {
      this.faults.push(`${name} must be an address such as https://example.com, and is not: ${hint}`);
    }
    return value.replace(/\/+$/, '');
  }

  /** @returns a whole number within limits */
  integer(name: string, { fallback, min, max }: { fallback?: number; min: number; max: number }): number {
    const value = this.optional(name) ?? (fallback === undefined ? undefined : String(fallback));
    if (value === undefined || !/^\d+$/.test(value) || Number(value) < min || Number(value) > max) {
      this.faults.push(`${name} must be a whole number from ${min} to ${max}`);
    }
    return Number(value);
  }

  /** Notes a fault that only the reader of a variable can see. */
  fault(sentence: string): void {
    this.faults.push(sentence);
  }

  /** @throws ConfigurationError where anything was wrong */
  check(): void {
    if (this.faults.length > 0) {
      throw new ConfigurationError(this.faults.join('\n'));
    }
  }
}

function protocolOf(value: string): string {
  return URL.canParse(value) ? new URL(value).protocol : '';
}
