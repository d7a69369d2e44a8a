import { withoutNumbers } from '../../common/without-numbers.js';
import type { Logs } from '../../logging/logs.js';

/** Stacks that lead through these are Baileys' own faults: a drop or a garbage frame at the wrong moment. */
const BAILEYS_STACK =
  /[\\/]node_modules[\\/](?:@whiskeysockets[\\/]baileys|libsignal|whatsapp-rust-bridge)[\\/]/;
/** More contained faults than this within a minute: something else is wrong, so the process ends. */
const MAX_PER_MINUTE = 200;

/**
 * @param reason what was rejected with or thrown
 * @returns whether Baileys left it behind, so that only its session can be affected
 */
export function isBaileysFault(reason: unknown): boolean {
  // A drop rejects pending waits with the bare close code (1006), and some handlers with nothing at all.
  if (reason === undefined || (typeof reason === 'number' && reason >= 1000 && reason < 5000)) {
    return true;
  }
  if (!(reason instanceof Error)) {
    return false;
  }
  // Only Baileys makes Booms here, also without its files on the stack.
  return 'isBoom' in reason || BAILEYS_STACK.test(reason.stack ?? '');
}

/**
 * Keeps the process up when Baileys leaves a rejection or an exception behind; anybody else's ends it gracefully.
 * To be installed once, before the first session.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Socket/socket.js`: throws Boom errors, and rejects what waits with the code of a `close`. Its
 * files, those of `node_modules/libsignal/index.js` and `node_modules/whatsapp-rust-bridge/package.json` have their folders in stacks.
 *
 * @param logs where the lines go
 */
export function installProcessGuards(logs: Logs): void {
  const log = logs.component('process');
  let windowStart = Date.now();
  let inWindow = 0;
  let contained = 0;

  // Nobody reads them any more, or their disk is full: no reason to end, and what is logged about it would be next.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);

  const handle = (kind: string, reason: unknown) => {
    if (Date.now() - windowStart > 60_000) {
      windowStart = Date.now();
      inWindow = 0;
    }
    inWindow += 1;
    if (isBaileysFault(reason) && inWindow <= MAX_PER_MINUTE) {
      contained += 1;
      log.warn({ kind, contained, cause: describe(reason) }, 'contained a fault of the whatsapp library');
      return;
    }
    log.fatal({ kind, err: reason }, 'unexpected fault: ending the process');
    process.exitCode = 1;
    // The handlers of SIGTERM close everything in order.
    if (!process.emit('SIGTERM', 'SIGTERM')) {
      process.exit(1);
    }
  };
  process.on('unhandledRejection', (reason) => handle('unhandledRejection', reason));
  process.on('uncaughtException', (error) => handle('uncaughtException', error));
}

function describe(reason: unknown): string {
  const text = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
  return withoutNumbers(text);
}
