import { createHash } from 'node:crypto';
import type { Contact } from '../repositories/contacts.repository.js';

/**
 * Names a state of a contact. What people change stands in front: a message that comes meanwhile is another state, and nobody's change.
 * @param shown everything that is answered of it
 * @returns its version, for `entityTag`
 */
export function contactVersion({ nameSource, name }: Contact, shown: object): string {
  return `${digest(`${nameSource}:${name}`)}.${digest(JSON.stringify(shown))}`;
}

/** @returns what of a version people change; the same of a name in `rename_contact` */
export function nameVersion(version: string): string {
  return version.split('.')[0]!;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
