/** Fewer different bytes than any random key has. */
const MIN_DISTINCT_KEY_BYTES = 12;
/** Fewer different characters than any random token has, be it of hex digits. */
const MIN_DISTINCT_CHARACTERS = 7;
/** Words of people who mean to put something better there, or of those who could not think of anything. */
const GUESSABLE = new RegExp(
  [
    'change[-_ ]?(me|this|it)',
    'replace[-_ ]?(me|this)',
    'your[-_ ]?(own|key|token|secret|admin|api|password)',
    '(admin|api|test)[-_ ]?key',
    'passw[o0]rd',
    'administrator|default|example|insecure|letmein|placeholder|qwerty|sample|secret|1234567|abcdefgh',
  ].join('|'),
  'i',
);

/**
 * @param key 32 bytes
 * @returns what makes it guessable, as the end of a sentence; undefined for one that looks random
 */
export function weaknessOfKey(key: Buffer): string | undefined {
  return isPattern(key) ||
    new Set(key).size < MIN_DISTINCT_KEY_BYTES ||
    GUESSABLE.test(key.toString('latin1'))
    ? 'is no random key'
    : undefined;
}

/**
 * @param token what callers authenticate with
 * @returns what makes it guessable, as the end of a sentence; undefined for one that looks random
 */
export function weaknessOfToken(token: string): string | undefined {
  if (isPattern(Buffer.from(token)) || new Set(token).size < MIN_DISTINCT_CHARACTERS) {
    return 'repeats itself';
  }
  return GUESSABLE.test(token) ? 'can be guessed' : undefined;
}

/**
 * @param secrets by the variable that holds them; one that is not set is undefined
 * @returns the variables, in pairs, that hold the same secret
 */
export function sharedSecrets(
  secrets: readonly (readonly [name: string, secret: string | undefined])[],
): string[] {
  const holders = new Map<string, Set<string>>();
  for (const [name, secret] of secrets) {
    if (secret) {
      holders.set(secret, (holders.get(secret) ?? new Set()).add(name));
    }
  }
  return [...holders.values()].filter(({ size }) => size > 1).map((names) => [...names].join(' and '));
}

/** A block that is repeated, or bytes that count up or down for most of the way. */
function isPattern(bytes: Buffer): boolean {
  for (let period = 1; period <= bytes.length / 2; period++) {
    if (bytes.subarray(period).equals(bytes.subarray(0, -period))) {
      return true;
    }
  }
  const steps = new Map<number, number>();
  for (let index = 1; index < bytes.length; index++) {
    const step = bytes[index]! - bytes[index - 1]!;
    steps.set(step, (steps.get(step) ?? 0) + 1);
  }
  return Math.max(...steps.values()) > bytes.length / 2;
}
