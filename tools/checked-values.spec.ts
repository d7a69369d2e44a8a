import { describe, expect, it } from 'vitest';
import { checkedValues } from './checked-values.js';

describe('checkedValues', () => {
  it.each([
    ["kind = ANY (ARRAY['phone'::text, 'lid'::text])", ['phone', 'lid']],
    ["kind = ANY (ARRAY['it''s, or'::text, ''::text])", ["it's, or", '']],
    ["kind = ANY (ARRAY['a'::text]) OR kind IS NULL", undefined],
    ["kind <> ALL (ARRAY['a'::text])", undefined],
    ["other = ANY (ARRAY['a'::text])", undefined],
    ['kind = ANY (ARRAY[1, 2])', undefined],
    ["kind ~ '^[a-z]+$'::text", undefined],
    [null, undefined],
  ])('of %s', (check, values) => {
    expect(checkedValues('kind', check)).toEqual(values);
  });
});
