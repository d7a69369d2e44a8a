import {
  isJidGroup,
  isLidUser,
  isPnUser,
  jidDecode,
  type LIDMapping,
  type SignalKeyStore,
} from '@whiskeysockets/baileys';
import { LRUCache } from 'lru-cache';
import { shownChatOf } from '../decoding/ignored-jids.js';
import { lidsOf, phoneOf } from '../patches/lid-mapping-keys.js';

/** Looks LIDs up on WhatsApp, as Baileys hands it to the signal repository. */
export type LidQuery = (jids: string[]) => Promise<LIDMapping[] | undefined>;

/** How long WhatsApp's "no LID" is believed, in ms. */
const MISS_TTL_MS = 5 * 60_000;
const MAX_MISSES = 2_000;

/**
 * Baileys asks WhatsApp for the LID of a phone number with each message as long as there is none. This remembers the
 * answer "none" for a while.
 */
export class LidMisses {
  // Not `max`: for that the cache takes memory for all its entries in advance, and each line has one.
  private readonly misses = new LRUCache<string, true>({
    maxSize: MAX_MISSES,
    sizeCalculation: () => 1,
    ttl: MISS_TTL_MS,
  });

  /** @param query Baileys' network lookup */
  around(query: LidQuery): LidQuery {
    return async (jids) => {
      const asked = jids.filter((jid) => !this.misses.has(jid));
      if (asked.length === 0) {
        return [];
      }
      const found = await query(asked);
      if (found) {
        const known = new Set(found.map(({ pn }) => pn));
        asked.filter((jid) => !known.has(jid)).forEach((jid) => this.misses.set(jid, true));
      }
      return found;
    };
  }
}

/**
 * Adds the other address of a stanza's sender (of an own message, its recipient; in a group, its author) where it is known here already.
 * @param keys asked for `lid-mapping` only; never the network
 * @returns `sender_pn`/`sender_lid`, or the like of `peer_recipient` or `participant`, or nothing
 */
export async function localAlternatives(
  keys: Pick<SignalKeyStore, 'get'>,
  attrs: Record<string, string>,
): Promise<Record<string, string>> {
  const isInGroup = isJidGroup(attrs['from']);
  const jid = (isInGroup ? attrs['participant'] : shownChatOf(attrs)) ?? '';
  const prefix = isInGroup ? 'participant' : attrs['recipient'] ? 'peer_recipient' : 'sender';
  const user = jidDecode(jid)?.user;
  if (!user) {
    return {};
  }
  if (isLidUser(jid) && !attrs[`${prefix}_pn`]) {
    const phone = await phoneOf(keys, user);
    return phone === undefined ? {} : { [`${prefix}_pn`]: `${phone}@s.whatsapp.net` };
  }
  if (isPnUser(jid) && !attrs[`${prefix}_lid`]) {
    const { [user]: lid } = await lidsOf(keys, [user]);
    return lid ? { [`${prefix}_lid`]: `${lid}@lid` } : {};
  }
  return {};
}

/**
 * As `localAlternatives` of a message that somebody else wrote, without waiting.
 * @param peek what is stored under an id of `lid-mapping`: null, none; undefined, it is not in memory
 * @returns undefined where something is not in memory
 */
export function alternativesInMemory(
  peek: (id: string) => unknown,
  attrs: Record<string, string>,
): Record<string, string> | undefined {
  const { from, sender_pn: phone, sender_lid: lid } = attrs;
  const user = jidDecode(from)?.user;
  if (user === undefined || (isLidUser(from) ? phone : lid) !== undefined) {
    return {};
  }
  if (!isLidUser(from)) {
    return named('sender_lid', peek(user), 'lid');
  }
  const number = peek(`${user}_reverse`);
  const current = typeof number === 'string' ? peek(number) : number;
  if (current === undefined) {
    return undefined;
  }
  return current === user ? named('sender_pn', number, 's.whatsapp.net') : {};
}

function named(attribute: string, digits: unknown, server: string): Record<string, string> | undefined {
  if (digits === undefined) {
    return undefined;
  }
  return typeof digits === 'string' && digits !== '' ? { [attribute]: `${digits}@${server}` } : {};
}

/**
 * @param keys asked for `lid-mapping` only; never the network
 * @param numbers digits of one phone number in all its spellings
 * @returns whose it is, where that is known here already
 */
export async function knownLid(
  keys: Pick<SignalKeyStore, 'get'>,
  numbers: readonly string[],
): Promise<string | undefined> {
  const found = await lidsOf(keys, numbers);
  return numbers.map((number) => found[number]).find((lid) => lid !== undefined);
}
