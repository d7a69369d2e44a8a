import { Inject, Injectable } from '@nestjs/common';
import { answerOf } from '../repositories/supabase-error.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';

/** How quickly a number writes. */
export interface Pacing {
  /** Messages of the last minute, hour and day. */
  minute: number;
  hour: number;
  day: number;
  /** Of the day, not sent yet. */
  waiting: number;
  /** Whom it wrote to in the last day, and who of them never wrote. */
  people: number;
  strangers: number;
}

/** What an instance sent lately. */
@Injectable()
export class PacingRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  read(instanceId: string): Promise<Pacing> {
    return answerOf<Pacing>(this.client.rpc('instance_pacing', { p: { instance_id: instanceId } }));
  }
}
