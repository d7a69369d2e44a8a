import { Inject, Injectable } from '@nestjs/common';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { rowsOf } from './supabase-error.js';

/** The `organizations` table. */
@Injectable()
export class OrganizationsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * Creates the organization where it is missing.
   *
   * @param id matches `ORGANIZATION_ID_PATTERN`; the caller has checked it
   */
  async ensureOrganization(id: string): Promise<void> {
    await rowsOf(
      this.client
        .from('organizations')
        .upsert({ id, name: id }, { onConflict: 'id', ignoreDuplicates: true }),
    );
  }
}
