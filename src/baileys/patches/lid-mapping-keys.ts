import type { SignalKeyStore } from '@whiskeysockets/baileys';

type Keys = Pick<SignalKeyStore, 'get'>;

/**
 * Reads which number and which LID are one account from where the library keeps it, without asking WhatsApp.
 *
 * Library: `node_modules/@whiskeysockets/baileys/lib/Signal/lid-mapping.js`, `storeLIDPNMappings`: keys of the type `lid-mapping`, of a number its LID, and of a LID
 * with `_reverse` its number, both without server. Of a number that went to another LID only the way there is overwritten.
 *
 * @param users digits of numbers
 * @returns digits of LIDs by number, of those that are known
 */
export async function lidsOf(keys: Keys, users: readonly string[]): Promise<Record<string, string>> {
  return keys.get('lid-mapping', [...users]);
}

/**
 * @param lid digits
 * @returns digits of the number that has it now, if it is known
 */
export async function phoneOf(keys: Keys, lid: string): Promise<string | undefined> {
  const id = `${lid}_reverse`;
  const { [id]: phone } = await keys.get('lid-mapping', [id]);
  if (!phone) {
    return undefined;
  }
  const { [phone]: current } = await lidsOf(keys, [phone]);
  return current === lid ? phone : undefined;
}
