import type { Logger } from 'pino';
import type { DomainEventBus } from '../common/domain-events.js';
import { LeasedWork } from '../common/leased-work.js';
import type {
  ClaimedMedia,
  MediaOutcome,
  MediaStep,
  MessageMediaRepository,
} from '../repositories/message-media.repository.js';

export interface ClaimBounds {
  step: MediaStep;
  /** At the same time. */
  atOnce: number;
  perOrganization: number;
  leaseMs: number;
  /** Nothing is taken while it says no; left out, there is always something to take. */
  isOpen?: () => boolean;
}

const FAILED = {
  claim: 'files not claimed',
  work: 'outcome of a file not stored',
  renewal: 'claims of files not prolonged',
};

/**
 * Files whose turn it is, each worked on while it is this worker's.
 * @param work says what became of a file; must not throw
 */
export function mediaClaims(
  repository: MessageMediaRepository,
  bus: DomainEventBus,
  log: Logger,
  { step, atOnce, perOrganization, leaseMs, isOpen }: ClaimBounds,
  work: (claimed: ClaimedMedia, signal: AbortSignal) => Promise<MediaOutcome>,
): LeasedWork<ClaimedMedia> {
  return new LeasedWork<ClaimedMedia>({
    atOnce,
    idOf: ({ messageId }) => messageId,
    claim: async (worker, limit) =>
      isOpen?.() === false ? [] : repository.claim({ worker, step, limit, perOrganization, leaseMs }),
    work: async (claimed, signal, worker) => {
      const outcome = await work(claimed, signal);
      const events = await repository.settle(worker, claimed.messageId, outcome);
      if (events.length > 0) {
        bus.emit('events.committed', events);
      }
      if (outcome.state === 'pending' && outcome.step !== step) {
        bus.emit('media.step_changed', outcome.step);
      }
    },
    lease: { ms: leaseMs, renew: (worker, ids) => repository.renew(worker, ids, leaseMs) },
    failed: (err, what, claimed) =>
      log.warn({ err, messageId: claimed?.messageId, organizationId: claimed?.organizationId }, FAILED[what]),
  });
}
