import { Inject, Injectable } from '@nestjs/common';
import { answerOf } from '../repositories/supabase-error.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';

/** The `message_search` table, in which searches look messages up. */
@Injectable()
export class MessageSearchRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * Takes up what was stored since, unless another process is about it.
   * @param limit how many messages, at most
   * @returns how many were taken up, and whether more can be at once
   */
  takeUp(limit: number): Promise<{ taken: number; more: boolean }> {
    return answerOf(this.client.rpc('take_up_messages', { p: { limit } }));
  }
}
