import { readFile } from 'node:fs/promises';

/** What no line of a log may show, whatever test it comes from. */
const LEAK_PATTERNS: Readonly<Record<string, RegExp>> = {
  // Not the last part of a UUID.
  'a phone number': /(?<![\w-])\+?55\d{10,11}(?![\w-])/,
  'an address': /\d{5,}(:\d+)?@(s\.whatsapp\.net|lid|g\.us)\b/,
  'a private key': /\b(privKey|rootKey|noiseKey|signedIdentityKey|advSecretKey)\\?"?:/,
  'a token': /\bBearer [\w.~+/=-]{8,}|\bauz_[0-9a-f]{8}_\w|\beyJ[\w-]+\.eyJ/,
};

/** Names of variables that hold a secret; the root key of a simulated network is a public one. */
const SECRET_VARIABLE = /(?<!ROOT)_(KEY|SECRET)$/;
const MIN_SECRET_LENGTH = 8;

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns the secrets that a process was started with: keys, shared secrets, passwords in addresses of stores */
export function secretsOf(environment: Environment): string[] {
  return Object.entries(environment)
    .flatMap(([name, value = '']) =>
      SECRET_VARIABLE.test(name) ? value.split(',') : [URL.parse(value)?.password ?? ''],
    )
    .filter(({ length }) => length >= MIN_SECRET_LENGTH);
}

/**
 * @param text lines of a log
 * @param secrets that it must not show either
 * @returns what it gives away and the line that does, or undefined
 */
export function leakInLog(text: string, secrets: readonly string[] = []): string | undefined {
  const shows = (part: string) => {
    const [name] = Object.entries(LEAK_PATTERNS).find(([, pattern]) => pattern.test(part)) ?? [];
    return (
      name ?? (secrets.some((secret) => part.includes(secret)) ? 'a secret of its environment' : undefined)
    );
  };
  if (shows(text) === undefined) {
    return undefined;
  }
  const line = text.split('\n').find((one) => shows(one) !== undefined) ?? text;
  return `${shows(line)}: ${line}`;
}

/** @throws Error that shows a line which gives something away, see `leakInLog` */
export function expectNoLeak(text: string, secrets: readonly string[] = []): void {
  const leak = leakInLog(text, secrets);
  if (leak !== undefined) {
    throw new Error(`the log of this test shows ${leak}`);
  }
}

/** @throws Error where the text shows one of these secrets; for output that may show all else, because somebody asked for it */
export function expectNoSecrets(text: string, secrets: readonly string[]): void {
  const shown = secrets.find((secret) => text.includes(secret));
  if (shown !== undefined) {
    throw new Error(`the output shows a secret of its environment: ${text}`);
  }
}

/**
 * @param file a log, which need not be there
 * @throws as `expectNoLeak`
 */
export async function expectNoLeakInFile(file: string, secrets: readonly string[] = []): Promise<void> {
  expectNoLeak(await readFile(file, 'utf8').catch(() => ''), secrets);
}
