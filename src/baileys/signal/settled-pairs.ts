import type { SignalDataSet } from '@whiskeysockets/baileys';
import { LRUCache } from 'lru-cache';

/** People of whom it is remembered that nothing is left to do for their two addresses. */
const MAX_PAIRS = 5_000;

/**
 * Remembers the pairs of number and LID whose sessions all stand under the LID, so that a message which names both changes nothing. Every
 * write that could leave something to do makes it forget all of them.
 */
export class SettledPairs {
  // Not `max`: for that the cache takes memory for all its entries in advance.
  private readonly pairs = new LRUCache<string, string>({ maxSize: MAX_PAIRS, sizeCalculation: () => 1 });

  /** @param phone digits @param lid digits */
  has(phone: string, lid: string): boolean {
    return this.pairs.get(phone) === lid;
  }

  add(phone: string, lid: string): void {
    this.pairs.set(phone, lid);
  }

  /** To be told of each write of the socket's keys. */
  written(data: SignalDataSet): void {
    const { session = {} } = data;
    if (data['lid-mapping'] || data['device-list'] || Object.keys(session).some(isOfNumber)) {
      this.pairs.clear();
    }
  }
}

/** Addresses of LIDs, and those of hosted devices, say so after an underscore. @param address as libsignal has it: `user.device` or `user_kind.device` */
function isOfNumber(address: string): boolean {
  return !address.includes('_');
}
