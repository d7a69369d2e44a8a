import type { CallersAnswer, CallersQuestion } from '../repositories/ticks.repository.js';
import { principalOfKey, principalOfUser } from './grants.js';
import type { Principal } from './principal.js';

/** Tells what callers may do by now who were let in a while ago. */
export type CurrentPrincipal = (principal: Principal) => Principal | null;

/**
 * @param principals callers as they were let in
 * @returns what to ask of the database about them; undefined when there is nothing to ask
 */
export function callersQuestion(principals: Iterable<Principal>): CallersQuestion | undefined {
  const all = [...principals];
  const idsOf = (kind: Principal['kind']) => [
    ...new Set(all.filter((principal) => principal.kind === kind).map(({ id }) => id)),
  ];
  const question = { keyIds: idsOf('api-key'), userIds: idsOf('user') };
  return question.keyIds.length + question.userIds.length > 0 ? question : undefined;
}

/**
 * @param answer about all callers who will be asked for
 * @returns for each of them who they are now; null for one who would not be let in any more
 */
export function currentPrincipals({ keys, memberships }: CallersAnswer): CurrentPrincipal {
  const keyById = new Map(keys.map((key) => [key.id, key]));
  const byUser = Map.groupBy(memberships, ({ userId }) => userId);
  return (principal) => {
    switch (principal.kind) {
      case 'open':
      case 'administrator':
      case 'operator':
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
