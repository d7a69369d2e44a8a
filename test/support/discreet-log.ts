import { readFile } from 'node:fs/promises';

/** What no line of a log may show, whatever test it comes from. */
const TELLTALES: Readonly<Record<string, RegExp>> = {
  // Not the last part of a UUID.
  'a phone number': /(?<![\w-])\+?55\d{10,11}(?![\w-])/,
  'an address': /\d{5,}(:\d+)?@(s\.whatsapp\.net|lid|g\.us)\b/,
  'a private key': /\b(privKey|rootKey|noiseKey|signedIdentityKey|advSecretKey)\\?"?:/,
  'a token': /\bBearer [\w.~+/=-]{8,}|\bauz_[0-9a-f]{8}_\w|\beyJ[\w-]+\.eyJ/,
};

/**
 * @param file a log, which need not be there
 * @throws Error that shows a line which gives something away
 */
export async function expectDiscreetLog(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '');
  for (const [name, pattern] of Object.entries(TELLTALES)) {
    const line = pattern.test(text) ? text.split('\n').find((one) => pattern.test(one)) : undefined;
    if (line !== undefined) {
      throw new Error(`the log of this test shows ${name}: ${line}`);
    }
  }
}
