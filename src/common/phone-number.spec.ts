import { describe, expect, it } from 'vitest';
import { parsePhoneNumber, parseRecipient, phoneVariants } from './phone-number.js';

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
    ['5511999887766; DROP TABLE contacts', /no digits/],
  ])('refuses %j and says why', (number, message) => {
    expect(() => parsePhoneNumber(number)).toThrow(message);
  });
});

describe('parseRecipient', () => {
  it('takes a number with or without the WhatsApp suffix', () => {
    expect(parseRecipient('5511999887766@s.whatsapp.net')).toBe('5511999887766');
    expect(parseRecipient('5511999887766')).toBe('5511999887766');
  });

  it('takes the address of a person whose number is not known', () => {
    expect(parseRecipient('70033112233@lid')).toBe('70033112233@lid');
  });

  it.each([
    '5511999887766@g.us',
    '70033112233:2@lid',
    '12@lid',
    '5511999887766:3@s.whatsapp.net',
    '@s.whatsapp.net',
  ])('refuses %s', (recipient) => {
    expect(() => parseRecipient(recipient)).toThrow(/phone number/);
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
  ])('%s', (number, variants) => {
    expect(phoneVariants(number)).toEqual(variants);
  });
});
