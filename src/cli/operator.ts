import { userInfo } from 'node:os';

/** Those who have a shell beside the service, by the name that the system knows the user by. */
export function operator(): { kind: 'operator'; id: string; name: string } {
  return { kind: 'operator', id: userName(), name: 'command line' };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return String(process.getuid?.() ?? 'unknown');
  }
}
