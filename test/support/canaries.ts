/** What must be found nowhere but where it belongs, by name; each at least eight bytes long. */
export type Canaries = Readonly<Record<string, readonly (string | Uint8Array)[]>>;

/** Something that was written: a column with all its values, a log. */
export interface Place {
  name: string;
  bytes: Uint8Array;
}

/**
 * Looks for canaries in every form in which they could have been written: as they are, in hex, in base64, byte by byte, escaped.
 * @param places several of one name count as one
 * @returns the names of the places where each one is, in order
 */
export function sightings(canaries: Canaries, places: readonly Place[]): Record<string, string[]> {
  const written = places.map(({ name, bytes }) => {
    const text = Buffer.from(bytes).toString('latin1');
    return { name, text, lower: text.toLowerCase() };
  });
  return Object.fromEntries(
    Object.entries(canaries).map(([name, values]) => {
      const forms = values.map(formsOf);
      const seen = written.filter(({ text, lower }) =>
        forms.some(({ exact, hex }) => lower.includes(hex) || exact.some((form) => text.includes(form))),
      );
      return [name, [...new Set(seen.map((place) => place.name))].toSorted()];
    }),
  );
}

function formsOf(value: string | Uint8Array): { exact: string[]; hex: string } {
  const bytes = Buffer.from(value as Uint8Array);
  if (bytes.length < 8) {
    throw new RangeError('a canary this short is found by chance');
  }
  const encoded = [0, 1, 2].map((offset) => base64At(bytes, offset));
  const exact = [bytes.toString('latin1'), bytes.join(','), ...encoded, ...encoded.map(toUrlSafe)];
  if (typeof value === 'string') {
    exact.push(encodeURIComponent(value), latin1(JSON.stringify(value).slice(1, -1)), escaped(value));
  }
  return { exact: [...new Set(exact)], hex: bytes.toString('hex') };
}

/** What base64 makes of the bytes when so many others come before them, without what those and later ones take part in. */
function base64At(bytes: Buffer, offset: number): string {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
  const end = Math.floor((whole.length * 8) / 6);
  return whole.toString('base64').slice(Math.ceil((offset * 8) / 6), end);
}

function toUrlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** As JSON for ASCII channels has it. */
function escaped(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
