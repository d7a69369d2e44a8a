import { describe, expect, it } from 'vitest';
import { parseDigits, parsePhoneNumber, phoneVariants } from './phone-number.js';

describe('parsePhoneNumber', () => {
  it.each([
    ['5511999887766', 'a Brazilian mobile'],
    ['551199887766', 'a Brazilian account from before the ninth digit'],
    ['551133445566', 'a Brazilian landline'],
    ['15551234567', 'North America'],
    ['5215512345678', 'a Mexican account with the 1'],
    ['5491123456789', 'Argentina'],
    ['4915123456789', 'Germany'],
    ['351912345678', 'Portugal'],
    ['22507123456', 'Ivory Coast with the eight digits that it had until 2021'],
    ['2250707123456', 'Ivory Coast with ten'],
    ['22997123456', 'Benin with the eight digits that it had until 2024'],
    ['2290197123456', 'Benin with ten'],
    ['24107123456', 'Gabon with an old number'],
    ['5521912345', 'a length that Brazil does not have now'],
    ['521551234567890', 'a length that Mexico does not have now'],
    ['99912345678', 'a country code that nobody has been given yet'],
    ['31999887766', 'what may be Dutch as well as Brazilian without its country code'],
    ['15550000001', "North America's numbers for fiction"],
  ])('takes %s (%s)', (number) => {
    expect(parsePhoneNumber(number)).toBe(number);
  });

  it.each([
    ['+55 11 99988-7766', /contains formatting.*did you mean 5511999887766\?/],
    ['+5511999887766', /contains formatting.*did you mean 5511999887766\?/],
    ['005511999887766', /did you mean 5511999887766\?/],
    ['11999887766', /country code.*did you mean 5511999887766\?/],
    ['(11) 99988-7766', /contains formatting.*did you mean 5511999887766\?/],
    ['', /is empty/],
    ['12345', /too short/],
    ['12345678901234567', /too long/],
    ['abc', /no digits/],
    ['5511999887766\n', /no digits|formatting/],
    ['٥٥١١٩٩٩٨٨٧٧٦٦', /no digits/],
    ['0000000000', /not a valid phone number/],
    ['+225 07 12 34 56', /contains formatting.*did you mean 22507123456\?/],
    ['+1 (555) 000-0001', /did you mean 15550000001\?/],
    ['(13) 99887-7665', /did you mean 5513998877665\?/],
    ['011 9 9988-7766', /did you mean 5511999887766\?/],
    ['5511999887766; DROP TABLE contacts', /no digits/],
  ])('refuses %j and says why', (number, message) => {
    expect(() => parsePhoneNumber(number)).toThrow(message);
  });

  it.each([
    ['07911123456', 'which is British, Indian or Italian'],
    ['06 12 34 56 78', 'which is French or Dutch'],
    ['475-234-5678', 'which is American, and Norwegian with its digits alone'],
    ['139-9876-5432', 'which is Chinese, and Brazilian with its digits alone'],
    ['(20) 99988-7766', 'an area that Brazil does not have'],
    ['1199988776', 'one digit too few'],
    ['11999887', 'three too few'],
    ['+0 11 99988-7766', 'no country code'],
    ['22507 123456', 'no plus'],
  ])('names no number for %j, %s', (number) => {
    expect(() => parsePhoneNumber(number)).toThrow(/for example 5511999887766$/);
  });
});

describe('parseDigits', () => {
  it.each(['1199988776', '0000000000', '999999999999999'])(
    'holds nothing against the digits of %s',
    (digits) => {
      expect(parseDigits(digits)).toBe(digits);
    },
  );

  it.each(['', '123456', '1234567890123456', '+5511999887766', 'abc'])('refuses %j', (input) => {
    expect(() => parseDigits(input)).toThrow(/^The phone number/);
  });
});

describe('phoneVariants', () => {
  it.each([
    ['5511999887766', ['5511999887766', '551199887766']],
    ['551199887766', ['551199887766', '5511999887766']],
    ['551133445566', ['551133445566']],
    ['525512345678', ['525512345678', '5215512345678']],
    ['5491123456789', ['5491123456789', '541123456789']],
    ['15551234567', ['15551234567']],
    ['22507123456', ['22507123456', '2250707123456']],
    ['2250707123456', ['2250707123456', '22507123456']],
    ['22545123456', ['22545123456', '2250545123456']],
    ['2250142123456', ['2250142123456', '22542123456']],
    ['2252721234567', ['2252721234567']],
    ['22997123456', ['22997123456', '2290197123456']],
    ['2290197123456', ['2290197123456', '22997123456']],
  ])('%s', (number, variants) => {
    expect(phoneVariants(number)).toEqual(variants);
  });
});
