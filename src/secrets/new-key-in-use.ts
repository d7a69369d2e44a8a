import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../common/app-error.js';
import type { KeyRotationRepository, RotationBlocker } from '../repositories/key-rotation.repository.js';

/** How long to wait for other processes, in ms. */
export interface Patience {
  maxMs: number;
  /** Between two looks. */
  everyMs: number;
}

interface Waiting {
  /** Told once, when there is somebody to wait for. @param nodeIds their names */
  onWait: (nodeIds: string[]) => void;
  signal?: AbortSignal | undefined;
  patience?: Patience | undefined;
}

/** Longer than a process that was killed counts as alive, and than one needs to hear of the others. */
const PATIENCE: Patience = { maxMs: 60_000, everyMs: 1_000 };

/**
 * Waits until no process seals under another key than the new one. Those that have it begin to by themselves; those that do not
 * may be gone.
 *
 * @param masterIds names of the configured keys, the new one first
 * @throws AppError `old_key_in_use`, as soon as one that lacks the new key is known to be alive
 * @throws the signal's reason; AppError `database_unavailable`
 */
export async function untilNewKeyInUse(
  repository: KeyRotationRepository,
  masterIds: readonly Buffer[],
  { onWait, signal, patience = PATIENCE }: Waiting,
): Promise<void> {
  const firstSeen = new Map<string, string>();
  const end = performance.now() + patience.maxMs;
  for (;;) {
    const blockers = await repository.listBlockers(masterIds);
    if (blockers.length === 0) {
      return;
    }
    const alive = blockers.filter(
      ({ id, hasKey, seenAt }) => !hasKey && (firstSeen.get(id) ?? seenAt) !== seenAt,
    );
    if (alive.length > 0 || performance.now() >= end) {
      throw oldKeyInUse(alive.length > 0 ? alive : blockers);
    }
    if (firstSeen.size === 0) {
      onWait(namesOf(blockers));
    }
    blockers.forEach(({ id, seenAt }) => firstSeen.set(id, firstSeen.get(id) ?? seenAt));
    await delay(patience.everyMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
}

function namesOf(blockers: readonly RotationBlocker[]): string[] {
  return [...new Set(blockers.map(({ nodeId }) => nodeId))];
}

function oldKeyInUse(blockers: readonly RotationBlocker[]): AppError {
  return new AppError('old_key_in_use', {
    message:
      'These processes do not seal with the new key: ' +
      `${namesOf(blockers).join(', ')}. Restart them with SESSION_ENCRYPTION_KEY=new,old, then run this again.`,
  });
}
