const OPENINGS = [
  'Closing session',
  'Closing open session',
  'Opening session',
  'Removing old closed session',
  'Session already',
  'Decrypted message with closed session',
  'Failed to decrypt message',
  'Session error:',
  'Migrating session',
  'V1 session storage',
  'WARNING: Expected pubkey',
];

/**
 * Drops what libsignal prints to the console of this process, private keys included. For programs and test set-ups
 * only: it replaces console methods, which no library should do on its own. Returns a function that undoes it.
 */
export function silenceLibsignal(target: Console = console): () => void {
  const names = ['log', 'info', 'warn', 'error'] as const;
  const originals = names.map((name) => [name, target[name]] as const);
  for (const [name, original] of originals) {
    target[name] = (...args: unknown[]) => {
      const [first] = args;
      if (typeof first !== 'string' || !OPENINGS.some((opening) => first.startsWith(opening))) {
        original.apply(target, args);
      }
    };
  }
  return () => {
    for (const [name, original] of originals) {
      target[name] = original;
    }
  };
}
