import type { WASocket } from '@whiskeysockets/baileys';

/** The library's pairs of number and LID. */
export type LidMapping = WASocket['signalRepository']['lidMapping'];

/** What is used of the library's memory of them: digits by `pn:` and digits, or by `lid:` and digits. */
interface Memory {
  mappingCache: { peek(key: string): string | undefined };
}

/**
 * Reads which LID the library takes a number for, without waiting. It asks its memory before anything else, and what it learns is there at
 * once, also where the transaction that stores it is still under way. Looking does not prolong how long it is kept, which costs the library a timer.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Signal/lid-mapping.js`: `mappingCache` in `_getLIDsForPNsImpl`, `_getPNsForLIDsImpl` and
 * `storeLIDPNMappings`.
 *
 * @param phone digits
 * @returns digits; undefined where it would have to look elsewhere
 */
export function rememberedLid(mapping: LidMapping, phone: string): string | undefined {
  return memoryOf(mapping).peek(`pn:${phone}`);
}

/** @param lid digits @returns digits of a number that it had; undefined where the library would have to look elsewhere */
export function rememberedPhone(mapping: LidMapping, lid: string): string | undefined {
  return memoryOf(mapping).peek(`lid:${lid}`);
}

function memoryOf(mapping: LidMapping): Memory['mappingCache'] {
  return (mapping as unknown as Memory).mappingCache;
}
