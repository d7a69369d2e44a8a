import type { PersonAddress } from '../common/inbox.js';

/** Organization, the number that an instance was given, phone number and LID of its linked account. */
export type OwnerRow = [
  organizationId: string,
  phone: string | null,
  accountPhone: string | null,
  accountLid: string | null,
];

/**
 * @param rows what the SQL function `owner_addresses` answers
 * @returns by organization the addresses that are its own
 */
export function toOwners(rows: readonly OwnerRow[]): Map<string, PersonAddress[]> {
  const owners = new Map<string, PersonAddress[]>();
  for (const [organizationId, phone, accountPhone, accountLid] of rows) {
    const addresses = owners.get(organizationId) ?? [];
    owners.set(organizationId, addresses);
    if (accountPhone !== null || accountLid !== null) {
      addresses.push({
        ...(accountPhone !== null && { phone: accountPhone }),
        ...(accountLid !== null && { lid: accountLid }),
      });
    }
    if (phone !== null && phone !== accountPhone) {
      addresses.push({ phone });
    }
  }
  return owners;
}
