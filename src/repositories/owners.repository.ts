import { Inject, Injectable } from '@nestjs/common';
import type { PersonAddress } from '../common/inbox.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { rowsOf } from './supabase-error.js';

interface AddressRow {
  id: string;
  organization_id: string;
  phone_number: string | null;
  account_phone: string | null;
  account_lid: string | null;
}

const PAGE = 500;
const ORGANIZATIONS_PER_QUERY = 50;

/** Which addresses are the organization itself. */
@Injectable()
export class OwnersRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @returns for each organization the addresses of all its instances that are not deleted */
  async listOwnerAddresses(organizationIds: string[]): Promise<Map<string, PersonAddress[]>> {
    const addresses = new Map<string, PersonAddress[]>(organizationIds.map((id) => [id, []]));
    for (let start = 0; start < organizationIds.length; start += ORGANIZATIONS_PER_QUERY) {
      const some = organizationIds.slice(start, start + ORGANIZATIONS_PER_QUERY);
      for await (const row of this.rowsOfOrganizations(some)) {
        addresses.get(row.organization_id)?.push(...addressesOf(row));
      }
    }
    return addresses;
  }

  private async *rowsOfOrganizations(organizationIds: string[]): AsyncGenerator<AddressRow> {
    for (let after: string | undefined; ;) {
      let query = this.client
        .from('whatsapp_instances')
        .select('id,organization_id,phone_number,account_phone,account_lid')
        .in('organization_id', organizationIds)
        .is('deleted_at', null);
      if (after !== undefined) {
        query = query.gt('id', after);
      }
      const rows = await rowsOf<AddressRow[]>(query.order('id').limit(PAGE));
      yield* rows;
      if (rows.length < PAGE) {
        return;
      }
      after = rows.at(-1)!.id;
    }
  }
}

function addressesOf(row: AddressRow): PersonAddress[] {
  const account: PersonAddress = {
    ...(row.account_phone !== null && { phone: row.account_phone }),
    ...(row.account_lid !== null && { lid: row.account_lid }),
  };
  const addresses = account.phone !== undefined || account.lid !== undefined ? [account] : [];
  if (row.phone_number !== null && row.phone_number !== row.account_phone) {
    addresses.push({ phone: row.phone_number });
  }
  return addresses;
}
