import { AppError } from '../../src/common/app-error.js';
import { DatabaseRejectedError } from '../../src/repositories/database-rejected-error.js';
import type {
  AcquiredSession,
  CommitResult,
  HeldElsewhere,
  OfferedDataKeys,
  SessionBatch,
} from '../../src/repositories/session-batch.js';
import { SessionStoreRepository } from '../../src/repositories/session-store.repository.js';

/** The session store, whose calls a test can hold back or let fail. */
export class HoldableStore extends SessionStoreRepository {
  private gate: PromiseWithResolvers<void> | undefined;
  heldCommits = 0;
  /** The database is away: commits and take-overs fail. */
  isDown = false;
  /** What commits and take-overs are refused with, and how many take-overs were. */
  refusal: Error | undefined;
  refusedTakeOvers = 0;
  /** So many take-overs more are refused. */
  takeOverRefusals = 0;
  /** Reads of keys of this type never return. */
  hangingReads: string | undefined;
  hungReads = 0;
  /** The next take-over fails, but happens when `takeOverLate` is called. */
  isTakeOverInDoubt = false;
  takeOverLate: () => Promise<unknown> = () => Promise.reject(new Error('no take-over was in doubt'));

  hold(): void {
    this.gate = Promise.withResolvers();
  }

  letGo(): void {
    this.gate?.resolve();
    this.gate = undefined;
  }

  override async commitBatch(batch: SessionBatch): Promise<CommitResult> {
    if (this.gate) {
      this.heldCommits += 1;
      await this.gate.promise;
    }
    this.assertUp();
    return super.commitBatch(batch);
  }

  override async acquireSession(
    instanceId: string,
    nodeId: string,
    leaseSeconds: number,
    offered?: OfferedDataKeys,
  ): Promise<AcquiredSession | HeldElsewhere | null> {
    this.refusedTakeOvers += this.refusal ? 1 : 0;
    this.assertUp();
    if (this.takeOverRefusals > 0) {
      this.takeOverRefusals -= 1;
      throw new DatabaseRejectedError('42501', '');
    }
    if (this.isTakeOverInDoubt) {
      this.isTakeOverInDoubt = false;
      this.takeOverLate = () => super.acquireSession(instanceId, nodeId, leaseSeconds, offered);
      throw new AppError('database_unavailable');
    }
    return super.acquireSession(instanceId, nodeId, leaseSeconds, offered);
  }

  override async readSessionKeys(
    instanceId: string,
    type: string,
    ids: string[],
  ): Promise<Map<string, Buffer>> {
    if (type === this.hangingReads) {
      this.hungReads += 1;
      return new Promise(() => undefined);
    }
    return super.readSessionKeys(instanceId, type, ids);
  }

  private assertUp(): void {
    if (this.isDown) {
      throw new AppError('database_unavailable');
    }
    if (this.refusal) {
      throw this.refusal;
    }
  }
}
