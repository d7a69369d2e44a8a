import type { SupabaseClient } from '@supabase/supabase-js';
import type { Database, Json, Tables } from './database.types.js';

/** Injection token of the one data path: a supabase-js client, whatever store is behind it. */
export const SUPABASE_CLIENT = Symbol('SUPABASE_CLIENT');

/** Why a call of a function has no value, in PostgREST's words. */
export interface FunctionError {
  code: string;
  message: string;
  details: string | null;
  hint: string | null;
}

/** What came of a call of a function; `status` is that of HTTP, 0 where there was no answer. */
export interface FunctionAnswer {
  data: Json;
  error: FunctionError | null;
  status: number;
}

/**
 * The client as repositories take it: it knows the tables, their columns and the functions.
 *
 * Tables are read and written as supabase-js does it, whatever store is behind it. Functions, which is what every message takes,
 * go over HTTP to a Supabase project alone, and over the driver otherwise (`function-calls.ts`). Both say the same of a call.
 */
export interface DatabaseClient extends Pick<SupabaseClient<Database>, 'from'> {
  rpc(name: JsonFunction, args: { p: Json }): PromiseLike<FunctionAnswer>;
}

type TableName = keyof Database['public']['Tables'];
type Functions = Database['public']['Functions'];

type Trimmed<Text extends string> = Text extends `${' ' | '\n'}${infer Rest}` ? Trimmed<Rest> : Text;
type Names<List extends string> = List extends `${infer First},${infer Rest}`
  ? Trimmed<First> | Names<Rest>
  : Trimmed<List>;

/** A row with the columns of a list (`'id, name'`), each of which must be one of the table's. */
export type RowWith<Table extends TableName, Columns extends string> =
  Names<Columns> extends keyof Tables<Table> ? Pick<Tables<Table>, Names<Columns>> : never;

/** A function that is there to be called: it takes one JSON document and answers with one. */
export type JsonFunction = {
  [Name in keyof Functions]: Functions[Name] extends { Args: { p: Json }; Returns: Json } ? Name : never;
}[keyof Functions];

/** Those of them that answer with rows: together they are the JSON array. */
export type RowsFunction = {
  [Name in JsonFunction]: Functions[Name] extends { Returns: readonly unknown[] } ? Name : never;
}[JsonFunction];
