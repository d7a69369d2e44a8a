import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { ensureProgram } from './system-package.js';

/**
 * Debian's Chromium, without a window; installed where there is none and that is possible.
 * @param args more of them, such as a microphone that is none
 * @param kind `quick`: without the parts that a window needs, which it does not have everywhere; `whole`: with notifications, too
 * @throws Error that says what to install
 */
export async function startChromium(
  args: readonly string[] = [],
  kind: 'quick' | 'whole' = 'quick',
): Promise<Browser> {
  const programs = kind === 'quick' ? ['chromium-headless-shell', 'chromium'] : ['chromium'];
  const find = () => programs.map(pathOf).find((path) => path !== undefined);
  if (find() === undefined) {
    await ensureProgram({
      command: [programs[0]!, '--version'],
      debian: `${programs[0]} fonts-dejavu-core`,
      elsewhere: 'where Chromium has another name, link it as chromium',
    });
  }
  return chromium.launch({
    executablePath: find()!,
    // Root has no sandbox; a container has little shared memory.
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-dev-shm-usage',
      '--disable-gpu',
      ...args,
    ],
  });
}

function pathOf(program: string): string | undefined {
  return process.env['PATH']!.split(':')
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
}
