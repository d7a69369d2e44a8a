/** How the lines begin that libsignal writes to the console, some of them with private keys. */
const LIBSIGNAL_LINES = [
  'Closing session:',
  'Opening session:',
  'Removing old closed session:',
  'Session already closed',
  'Session already open',
  'Closing open session in favor of incoming prekey bundle',
  'Decrypted message with closed session',
  'Failed to decrypt message with any known session',
  'Session error:',
  'Migrating session to:',
  'V1 session storage migration error',
  'WARNING: Expected pubkey of length 33',
  'Unhandled bucket type',
];

const METHODS = ['log', 'info', 'warn', 'error'] as const;

let isInstalled = false;

/**
 * Drops what libsignal writes to the console: it contains chain keys and private keys. May be called repeatedly.
 *
 * Library: all of `node_modules/libsignal/src`, most of it in `node_modules/libsignal/src/session_record.js`: how its lines begin.
 */
export function silenceLibsignal(): void {
  if (isInstalled) {
    return;
  }
  isInstalled = true;
  const target = globalThis.console;
  for (const method of METHODS) {
    const original = target[method].bind(target);
    target[method] = (...parts: unknown[]) => {
      const [first] = parts;
      if (typeof first !== 'string' || !LIBSIGNAL_LINES.some((line) => first.startsWith(line))) {
        original(...parts);
      }
    };
  }
}
