import type { PersonAddress } from '../common/inbox.js';
import { phoneVariants } from '../common/phone-number.js';

/** Whose messages are the organization's own: every instance, by the number it was given and the account it is linked to. */
export class OwnerDirectory {
  private readonly phones = new Set<string>();
  private readonly lids = new Set<string>();

  /** @param addresses of all instances of one organization */
  constructor(addresses: readonly PersonAddress[]) {
    for (const { phone, lid } of addresses) {
      if (phone) {
        phoneVariants(phone).forEach((variant) => this.phones.add(variant));
      }
      if (lid) {
        this.lids.add(lid);
      }
    }
  }

  /**
   * @param person somebody's addresses
   * @returns whether either of them is an owner's; a phone number never equals a LID
   */
  includes(person: PersonAddress): boolean {
    const { phone, lid } = person;
    return (phone !== undefined && this.phones.has(phone)) || (lid !== undefined && this.lids.has(lid));
  }
}
