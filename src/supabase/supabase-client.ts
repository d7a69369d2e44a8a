import type { SupabaseClient } from '@supabase/supabase-js';

/** Injection token of the one data path: a supabase-js client, whatever store is behind it. */
export const SUPABASE_CLIENT = Symbol('SUPABASE_CLIENT');

/** The client as repositories take it; result rows are `unknown` until a repository maps them. */
export type DatabaseClient = SupabaseClient;
