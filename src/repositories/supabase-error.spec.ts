import { describe, expect, it } from 'vitest';
import { DatabaseRejectedError } from './database-rejected-error.js';
import { translateError } from './supabase-error.js';

describe('translateError', () => {
  it.each([
    ['23503', 'insert on table "messages" violates foreign key constraint "messages_contact_fkey"', true],
    ['42P01', 'relation "public.contacts" does not exist', true],
    ['AZ002', 'batch out of order', true],
    ['22P02', 'invalid input syntax for type bigint: "what somebody wrote"', false],
    ['P0001', 'refused: what somebody wrote', false],
    ['PGRST100', 'failed to parse filter (eq.what somebody wrote)', false],
    ['', 'what somebody wrote', false],
  ])('of %s: %s keeps the words: %s', (code, message, isKept) => {
    const error = translateError({ code, message, details: message, hint: message }, 400);

    expect(error).toBeInstanceOf(DatabaseRejectedError);
    expect(error).toMatchObject({ sqlState: code, detail: isKept ? message : '' });
    expect(error.cause).toBeUndefined();
  });
});
