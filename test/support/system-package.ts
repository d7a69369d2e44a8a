import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const START_TIMEOUT_MS = 60_000;
const INSTALL_TIMEOUT_MS = 120_000;

/** A program of the system that a test runs. */
export interface SystemProgram {
  /** What is run, with arguments that only print something. */
  command: readonly [string, ...string[]];
  /** Debian's package of it. */
  debian: string;
  /** What to install elsewhere, as part of a sentence. */
  elsewhere: string;
}

/**
 * Installs a program where that is possible: as root on Debian, without starting a service of the system.
 * @throws Error that says what to install
 */
export async function ensureProgram({ command, debian, elsewhere }: SystemProgram): Promise<void> {
  const [file, ...args] = command;
  const isInstalled = () =>
    run(file, args, { timeout: START_TIMEOUT_MS }).then(
      () => true,
      () => false,
    );
  if (await isInstalled()) {
    return;
  }
  if (process.getuid?.() === 0) {
    const script = `printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
      DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=100 install -y --no-install-recommends ${debian}
      rm -f /usr/sbin/policy-rc.d`;
    await run('sh', ['-c', script], { timeout: INSTALL_TIMEOUT_MS }).catch(() => undefined);
  }
  if (!(await isInstalled())) {
    throw new Error(`${file} must be in the PATH: apt-get install ${debian}, or ${elsewhere}`);
  }
}
