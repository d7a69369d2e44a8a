import { describe, expect, it } from 'vitest';
import { parseRecipient } from './recipient.js';

describe('parseRecipient', () => {
  it.each([
    ['5511999887766', '5511999887766'],
    ['5511999887766@s.whatsapp.net', '5511999887766'],
    ['5511999887766@c.us', '5511999887766'],
    ['22507123456@c.us', '22507123456'],
    ['70033112233@lid', '70033112233@lid'],
  ])('takes %s', (recipient, address) => {
    expect(parseRecipient(recipient)).toBe(address);
  });

  it.each([
    ['120363041234567890@g.us', /group.*not supported yet/],
    ['5511999887766-1612345678@g.us', /group.*not supported yet/],
    ['120363041234567890', /group.*not supported yet/],
    ['5511999887766-1612345678', /group.*not supported yet/],
    ['status@broadcast', /status updates/],
    ['1612345678@broadcast', /broadcast list/],
    ['120363041234567890@newsletter', /channel/],
    ['5511999887766:3@s.whatsapp.net', /one device/],
    ['5511999887766.0:3@c.us', /one device/],
    ['70033112233:2@lid', /one device/],
    ['12@lid', /no address/],
    ['ana@lid', /no address/],
    ['5511999887766@example.org', /none of s\.whatsapp\.net, c\.us and lid/],
    ['5511999887766@constructor', /none of/],
    ['5511999887766@c.us@c.us', /none of/],
    ['5511999887766@', /none of/],
    ['@s.whatsapp.net', /is empty/],
    ['+55 11 99988-7766@c.us', /contains formatting.*did you mean 5511999887766\?/],
    ['ana@c.us', /no digits/],
    ['', /is empty/],
  ])('refuses %j and says why', (recipient, why) => {
    expect(() => parseRecipient(recipient)).toThrow(why);
    expect(() => parseRecipient(recipient)).toThrow(/phone number/);
  });
});
