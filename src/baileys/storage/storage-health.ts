import type { AppError } from '../../common/app-error.js';
import { refusesUs } from '../../repositories/refuses-us.js';
import { StoreStuckError } from './store-stuck-error.js';

/** Why the database takes no writes. */
export type StorageFaultReason =
  'database_unavailable' | 'database_refuses_us' | 'database_read_only' | 'database_slow' | 'disk_full';

export interface StorageFault {
  reason: StorageFaultReason;
  since: Date;
  /** It lasted so long that sessions were closed; they come back by themselves. */
  isGivenUp: boolean;
}

const REASONS: Readonly<Record<string, StorageFaultReason>> = {
  '53100': 'disk_full',
  '25006': 'database_read_only',
};

/** What is known of the database's ability to take the sessions' writes. */
export class StorageHealth {
  private current: StorageFault | undefined;
  private readonly givenUpListeners: (() => void)[] = [];

  /** Undefined while writes go through. */
  get fault(): StorageFault | undefined {
    return this.current;
  }

  /** @returns whether this is the first failure of an outage */
  failed(error: unknown): boolean {
    const isFirst = this.current === undefined;
    const { since = new Date(), isGivenUp = false } = this.current ?? {};
    this.current = { reason: reasonOf(error), since, isGivenUp };
    return isFirst;
  }

  gaveUp(error: unknown): void {
    this.failed(error);
    this.current = { ...this.current!, isGivenUp: true };
    this.givenUpListeners.forEach((listener) => listener());
  }

  /** @returns whether this ends an outage */
  worked(): boolean {
    const wasFaulty = this.current !== undefined;
    this.current = undefined;
    return wasFaulty;
  }

  /** @param listener must not throw */
  onGivenUp(listener: () => void): void {
    this.givenUpListeners.push(listener);
  }
}

function reasonOf(error: unknown): StorageFaultReason {
  if (error instanceof StoreStuckError) {
    return 'database_slow';
  }
  const { code } = ((error as AppError | undefined)?.cause ?? {}) as { code?: unknown };
  const otherwise = refusesUs(error) ? 'database_refuses_us' : 'database_unavailable';
  return (typeof code === 'string' ? REASONS[code] : undefined) ?? otherwise;
}
