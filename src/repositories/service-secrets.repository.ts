import { Inject, Injectable } from '@nestjs/common';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { base64OrNull } from './column-values.js';
import { answerOf } from './supabase-error.js';

/** The `service_secrets` table: secrets that the service made for itself. All values are sealed by the caller. */
@Injectable()
export class ServiceSecretsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * @param name of the secret
   * @param proposal a sealed value, kept where there is none yet
   * @returns the sealed value that is kept: of all processes that propose one at the same time, one wins
   */
  async keep(name: string, proposal: Buffer): Promise<Buffer> {
    const p = { name, value: base64OrNull(proposal) };
    const row = await answerOf<{ value: string }>(this.client.rpc('keep_service_secret', { p }));
    return Buffer.from(row.value, 'base64');
  }
}

/** What a secret is sealed for: the context of `SecretBox`. */
export function serviceSecretContext(name: string): readonly string[] {
  return ['service_secrets', name];
}
