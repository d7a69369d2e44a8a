import { chromium as playwright, type Browser } from 'playwright-core';
import { ensureProgram } from '../../support/system-package.js';

const PROGRAM = 'chromium';

/**
 * Debian's Chromium, without a window; installed where that is possible.
 * @param args more of them, such as a microphone that is none
 * @throws Error that says what to install
 */
export async function startChromium(args: readonly string[] = []): Promise<Browser> {
  await ensureProgram({
    command: [PROGRAM, '--version'],
    debian: 'chromium fonts-dejavu-core',
    elsewhere: 'where it has another name, link it as chromium',
  });
  return playwright.launch({
    executablePath: `/usr/bin/${PROGRAM}`,
    // Root has no sandbox; a container has little shared memory.
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-dev-shm-usage',
      '--disable-gpu',
      ...args,
    ],
  });
}
