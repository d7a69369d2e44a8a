import type { Schemas } from '../../api/client.ts';
import { readableNumber } from '../../i18n/formats.ts';

type Contact = Pick<Schemas['ContactResponse'], 'name' | 'name_source' | 'phone_number' | 'lid'>;

/** @returns what a contact is called; the number where nobody named it */
export function nameOf({ name, name_source: source, phone_number: phone }: Contact): string {
  return source === 'unknown' && phone !== null ? readableNumber(phone) : name;
}

/** @returns where a message to a contact goes; undefined where nobody knows */
export function addressOf({ phone_number: phone, lid }: Contact): string | undefined {
  if (phone !== null) {
    return phone;
  }
  return lid === null ? undefined : lid.includes('@') ? lid : `${lid}@lid`;
}
