import type { SupabaseClient } from '@supabase/supabase-js';
import type { Database, Json, Tables } from './database.types.js';

/** Injection token of the one data path: a supabase-js client, whatever store is behind it. */
export const SUPABASE_CLIENT = Symbol('SUPABASE_CLIENT');

/** The client as repositories take it: it knows the tables, their columns and the functions. */
export type DatabaseClient = SupabaseClient<Database>;

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
