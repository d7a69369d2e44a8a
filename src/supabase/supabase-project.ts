import type { DatabaseClient } from './supabase-client.js';

/**
 * @param client a client of a Supabase project
 * @throws Error that says what to do when the project can't be reached or has no (or an old) schema
 */
export async function checkSupabaseProject(client: DatabaseClient): Promise<void> {
  const { error } = await client.rpc('queue_stats', { p: {} });
  if (!error) {
    return;
  }
  if (error.code.startsWith('PGRST2') || error.code === '42883' || error.code === '42P01') {
    throw new Error(
      'The Supabase project does not have the schema of this service. Apply it with `supabase db push`.',
    );
  }
  throw new Error(`The Supabase project at SUPABASE_URL does not answer as expected: ${error.message}`);
}
