import type { Principal } from '../auth/principal.js';
import type { PlaceBounds } from '../config/app-config.js';

/** Who wants a place. */
export interface PlaceSeeker {
  address: string;
  /** Undefined for who has no valid token. */
  principal: Principal | undefined;
}

/** What bounds a seeker: its own address, token or user, its organization, or what the process has left for its kind. */
export type PlaceBound = 'address' | 'key' | 'user' | 'organization' | 'process';

/** How a sentence begins that tells a seeker what bounds it; a number follows. */
export const WHO_HAS: Readonly<Record<PlaceBound, string>> = {
  key: 'This key has',
  user: 'This user has',
  organization: 'This organization has',
  address: 'This address has',
  process: 'All callers together have',
};

/** All places of a kind are taken. */
export interface NoPlace {
  boundedBy: PlaceBound;
  bound: number;
  /** The first that is refused since there was one: worth a line in the log. */
  isFirst: boolean;
}

interface Claim {
  boundedBy: PlaceBound;
  /** Among all that are counted. */
  holder: string;
  bound: number;
}

/**
 * Counts what callers of this process hold at a time. Nobody can hold what is another's: a key or user, and an organization, have
 * bounds of their own, and the last places of the process are for administrators.
 */
export class Places {
  private readonly taken = new Map<string, number>();
  private readonly refused = new Set<string>();

  constructor(private readonly bounds: PlaceBounds) {}

  /**
   * Takes a place.
   * @returns gives it back, once; or why there is none
   */
  take(seeker: PlaceSeeker): (() => void) | NoPlace {
    const claims = this.claimsOf(seeker);
    const full = claims.find((claim) => !this.hasRoom(claim));
    if (full !== undefined) {
      const isFirst = !this.refused.has(full.holder);
      this.refused.add(full.holder);
      return { boundedBy: full.boundedBy, bound: full.bound, isFirst };
    }
    for (const { holder } of claims) {
      this.taken.set(holder, (this.taken.get(holder) ?? 0) + 1);
    }
    let isHeld = true;
    return () => {
      if (isHeld) {
        isHeld = false;
        claims.forEach((claim) => this.giveBack(claim));
      }
    };
  }

  private claimsOf({ address, principal }: PlaceSeeker): Claim[] {
    const { total, reserved } = this.bounds;
    const process: Claim = { boundedBy: 'process', holder: 'process', bound: total };
    const tenants: Claim = { boundedBy: 'process', holder: 'tenants', bound: total - reserved };
    if (principal === undefined) {
      return [this.own('address', address), tenants, process];
    }
    if (principal.kind === 'open') {
      return [this.own('address', address), process];
    }
    const self = this.own(principal.kind === 'user' ? 'user' : 'key', principal.id);
    return principal.grants === 'all'
      ? [self, process]
      : [self, ...this.placeIn([...principal.grants.keys()]), tenants, process];
  }

  /** Who belongs to several has a place in one: else whoever makes members of two organizations had twice as many. */
  private placeIn(organizationIds: readonly string[]): Claim[] {
    const claims = organizationIds.map((id) => this.own('organization', id));
    const free = claims.find((claim) => this.hasRoom(claim));
    return free === undefined ? claims.slice(0, 1) : [free];
  }

  private own(boundedBy: Exclude<PlaceBound, 'process'>, id: string): Claim {
    return { boundedBy, holder: `${boundedBy} ${id}`, bound: this.bounds[boundedBy] || Infinity };
  }

  private hasRoom({ holder, bound }: Claim): boolean {
    return (this.taken.get(holder) ?? 0) < bound;
  }

  private giveBack({ holder }: Claim): void {
    const left = this.taken.get(holder)! - 1;
    this.refused.delete(holder);
    if (left > 0) {
      this.taken.set(holder, left);
    } else {
      this.taken.delete(holder);
    }
  }
}
