import type { Contact } from './service-types.ts';

/**
 * @returns `to` of a message for this contact: its number, or its LID while WhatsApp does not tell the number
 * @throws Error where neither is known
 */
export function addressOf({ phone_number, lid }: Contact): string {
  if (phone_number !== null) {
    return phone_number;
  }
  if (lid === null) {
    throw new Error('Nothing can be sent to this contact: neither its number nor its LID is known.');
  }
  return lid.endsWith('@lid') ? lid : `${lid}@lid`;
}
