import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below what systems hand out by themselves: nobody's outgoing call or port 0 gets it, also while its server is away. */
const FIRST = 15_000;
const END = 32_000;
const ATTEMPTS = 100;

/** @returns a TCP port of this machine that nobody listens on, and that nobody is given who does not ask for it */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST, END);
    if (await isFree(port)) {
      return port;
    }
  }
  throw new Error(`no free port was found in ${ATTEMPTS} attempts`);
}

async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = createServer();
  probe.once('error', () => resolve(false));
  probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  return promise;
}
