import { Injectable } from '@nestjs/common';
import { ApiKeysRepository } from '../repositories/api-keys.repository.js';
import { MembersRepository } from '../repositories/members.repository.js';
import { principalOfKey, principalOfUser } from './grants.js';
import type { Principal } from './principal.js';

/** Tells what callers may do by now who were let in a while ago. */
export type CurrentStanding = (principal: Principal) => Principal | null;

/** Looks again at callers who stay, as sockets do. */
@Injectable()
export class Standing {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly members: MembersRepository,
  ) {}

  /**
   * @param principals callers as they were let in
   * @returns for each of them who they are now; null for one who would not be let in any more
   * @throws UpstreamError `database_unavailable`
   */
  async of(principals: Iterable<Principal>): Promise<CurrentStanding> {
    const all = [...principals];
    const idsOf = (kind: Principal['kind']) => [
      ...new Set(all.filter((principal) => principal.kind === kind).map(({ id }) => id)),
    ];
    const [keyIds, userIds] = [idsOf('api-key'), idsOf('user')];
    const [keys, memberships] = await Promise.all([
      keyIds.length === 0 ? [] : this.keys.findUsable(keyIds),
      userIds.length === 0 ? [] : this.members.membershipsOf(userIds),
    ]);
    const keyById = new Map(keys.map((key) => [key.id, key]));
    const byUser = Map.groupBy(memberships, ({ userId }) => userId);
    return (principal) => {
      switch (principal.kind) {
        case 'open':
        case 'administrator':
          return principal;
        case 'api-key': {
          const key = keyById.get(principal.id);
          return key ? principalOfKey(key) : null;
        }
        case 'user': {
          const now = principalOfUser(principal.id, byUser.get(principal.id) ?? [], principal.expiresAt!);
          return now.grants === 'all' || now.grants.size > 0 ? now : null;
        }
      }
    };
  }
}
