import type { Contact } from '@auzap/client';

/** A contact whose number WhatsApp does not tell has another address. */
export function addressOf({ phone_number, lid }: Contact): string {
  return phone_number ?? `${lid}@lid`;
}
