import { Inject, Injectable } from '@nestjs/common';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { rowsOf } from './supabase-error.js';

/** Whether the database answers. */
@Injectable()
export class DatabaseHealthRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @throws AppError `database_unavailable` when it did not answer within `timeoutMs` */
  async ping(timeoutMs: number): Promise<void> {
    const query = this.client
      .from('organizations')
      .select('id')
      .limit(1)
      .retry(false)
      .abortSignal(AbortSignal.timeout(timeoutMs));
    await rowsOf(query);
  }
}
