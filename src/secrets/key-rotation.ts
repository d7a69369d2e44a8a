import { makeDataKey, rewrap } from '../common/data-keys.js';
import type { SecretBox } from '../common/secret-box.js';
import type { DataKeysRepository } from '../repositories/data-keys.repository.js';
import type {
  KeyRotationRepository,
  ResealedValue,
  StalePage,
  StaleValue,
} from '../repositories/key-rotation.repository.js';
import { type Patience, untilNewKeyInUse } from './new-key-in-use.js';
import { offerOrganizationKey } from './organization-secrets.js';
import { allResealings, type Resealing, type Sealer } from './resealing.js';

/** Told what the rotation does. */
export interface RotationListener {
  /** It goes on once these processes seal with the new key, or are known to be gone. @param nodeIds their names */
  waits(nodeIds: string[]): void;
  /** A step begins. @param total values that it will look at, as far as that is known */
  began(title: string, total: number): void;
  /** @param scanned values looked at so far @param changed those of them that were sealed anew */
  advanced(scanned: number, changed: number): void;
  ended(): void;
}

export interface RotationResult {
  /** Values that were sealed anew, and data keys that were wrapped anew. */
  changed: number;
  /** Whose values no configured key opens: damaged, or sealed by a key that is lost. Up to 20 of them. */
  unreadable: string[];
  /** Values that were still in use when the last pass ended. Where there are none, the old key is useless. */
  left: number;
  /** Values that a key sealed which is not configured, and may still open them. */
  locked: number;
}

/** Each pass takes what was in use during the one before. */
const MAX_PASSES = 20;
const NAMED = 20;

/**
 * Brings everything that is sealed under the first key of `SESSION_ENCRYPTION_KEY`, while sessions run: data keys are wrapped
 * anew, organizations and instances that no process runs get new ones, and each value is sealed by its owner's current data key.
 * What is done stays done, so a rotation that was interrupted goes on when it is started again. It is over after a pass that
 * found nothing.
 */
export class KeyRotation {
  private changed = 0;
  private locked = 0;
  private readonly unreadable = new Set<string>();
  private readonly resealings: Resealing[];

  /** @param master the new key first, then the old ones */
  constructor(
    private readonly repository: KeyRotationRepository,
    private readonly dataKeys: DataKeysRepository,
    private readonly master: SecretBox,
    private readonly listener: RotationListener,
    private readonly patience?: Patience,
  ) {
    this.resealings = allResealings(master, dataKeys);
  }

  /**
   * @param signal ends it between two pages, with the signal's reason
   * @throws AppError `old_key_in_use`: processes that are alive do not seal with the new key
   * @throws AppError `database_unavailable`
   */
  async run(signal?: AbortSignal): Promise<RotationResult> {
    const { repository, patience } = this;
    const newKeyInUse = () =>
      untilNewKeyInUse(repository, this.master.keyIds, {
        onWait: (nodeIds) => this.listener.waits(nodeIds),
        signal,
        patience,
      });
    await newKeyInUse();
    let left = 0;
    for (let pass = 1; pass <= MAX_PASSES; pass++) {
      left = await this.pass(signal);
      if (left === 0) {
        break;
      }
    }
    if (left === 0 && this.unreadable.size === 0) {
      // Nothing is left that one of them could open, also not with a key that is missing here.
      await this.repository.dropRetired();
    }
    // One may have started meanwhile.
    await newKeyInUse();
    return { changed: this.changed, unreadable: [...this.unreadable], left, locked: this.locked };
  }

  /** @returns how many values it found that had to be sealed anew */
  private async pass(signal: AbortSignal | undefined): Promise<number> {
    this.unreadable.clear();
    this.locked = 0;
    let found = await this.renewIdle();
    found += await this.rewrapAll();
    // Only to be shown: where counting takes too long, the rotation goes on.
    const totals: Partial<Record<string, number>> = await this.repository.count().catch(() => ({}));
    for (const resealing of this.resealings) {
      this.listener.began(resealing.title, totals[resealing.kind] ?? 0);
      found += await this.resealAll(resealing, signal);
      this.listener.ended();
    }
    return found;
  }

  /** Sessions that a process runs have theirs since they were taken over. */
  private async renewIdle(): Promise<number> {
    const masterIds = this.master.keyIds;
    let found = 0;
    for (let after: string | undefined; ;) {
      const ids = await this.repository.listUnkeyed(masterIds, after);
      if (ids.length === 0) {
        return found;
      }
      const keys = ids.map((id) => ({
        instanceId: id,
        session: makeDataKey(this.master, { id, purpose: 'session' }),
        inbox: makeDataKey(this.master, { id, purpose: 'inbox' }),
      }));
      found += await this.repository.renew(masterIds, keys);
      after = ids.at(-1);
    }
  }

  private async rewrapAll(): Promise<number> {
    let found = 0;
    for (let after = 0; ;) {
      const keys = await this.repository.listToRewrap(this.master.keyIds, after);
      if (keys.length === 0) {
        return found;
      }
      for (const { owner } of keys) {
        if (owner.purpose === 'organization') {
          // It gets a new one first: this one will only open.
          await this.dataKeys.listOfOrganization(owner.id, offerOrganizationKey(this.master, owner.id));
        }
      }
      const rewrapped = keys.flatMap(({ id, owner, wrapped }) => {
        try {
          return [{ id, old: wrapped, new: rewrap(this.master, owner, wrapped) }];
        } catch {
          this.note(`the ${owner.purpose} key of ${owner.id}`, wrapped);
          return [];
        }
      });
      await this.repository.rewrap(rewrapped);
      found += rewrapped.length;
      this.changed += rewrapped.length;
      after = keys.at(-1)!.id;
    }
  }

  private async resealAll(resealing: Resealing, signal: AbortSignal | undefined): Promise<number> {
    let found = 0;
    let scanned = 0;
    let changed = 0;
    let after: StalePage['next'] | undefined;
    do {
      signal?.throwIfAborted();
      const page = await this.repository.listStale(resealing.kind, this.master.keyIds, after);
      const { resealed, waiting } = await this.resealPage(resealing, page.stale);
      if (resealed.length > 0) {
        changed += await this.repository.reseal(resealing.kind, resealed);
      }
      found += resealed.length + waiting;
      scanned += page.scanned;
      after = page.next;
      this.listener.advanced(scanned, changed);
    } while (after !== null);
    this.changed += changed;
    return found;
  }

  /** @returns `waiting`: values that can be opened, but have nothing to be sealed with at this moment */
  private async resealPage(
    resealing: Resealing,
    stale: StaleValue[],
  ): Promise<{ resealed: ResealedValue[]; waiting: number }> {
    const sealers = await resealing.sealersOf(stale);
    const resealed: ResealedValue[] = [];
    let waiting = 0;
    for (const [index, { name, value }] of stale.entries()) {
      const context = resealing.contextOf(name);
      const sealer = sealers[index]!;
      const plaintext = name['is_gone'] === true ? null : openOrUndefined(sealer, value, context);
      if (plaintext === undefined) {
        // Not the whole context: it names people.
        this.note(`${resealing.title} of ${context[0]}`, value);
      } else if (plaintext && !sealer.canSeal) {
        waiting += 1;
      } else {
        resealed.push({ name, old: value, new: plaintext && sealer.seal(plaintext, context) });
      }
    }
    return { resealed, waiting };
  }

  private note(what: string, sealed: Buffer): void {
    this.locked += this.master.lacksKeyOf(sealed) ? 1 : 0;
    if (this.unreadable.size < NAMED) {
      this.unreadable.add(what);
    }
  }
}

function openOrUndefined(sealer: Sealer, value: Buffer, context: string[]): Buffer | undefined {
  try {
    return sealer.open(value, context);
  } catch {
    return undefined;
  }
}
