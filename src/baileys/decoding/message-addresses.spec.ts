import { describe, expect, it } from 'vitest';
import { readAddresses } from './message-addresses.js';

const account = { phone: '5511999887766', lid: '111' };
const ana = { phone: '5511988887777', lid: '222' };

type Expected = Partial<ReturnType<typeof readAddresses>>;

describe('readAddresses', () => {
  it.each<[string, Record<string, string>, Expected]>([
    [
      'a client by phone number',
      { from: '5511988887777@s.whatsapp.net', sender_lid: '222@lid' },
      { chatKind: 'direct', fromMe: false, sender: ana, peer: ana },
    ],
    [
      'a client by LID',
      { from: '222@lid', sender_pn: '5511988887777@s.whatsapp.net' },
      { chatKind: 'direct', sender: ana, peer: ana },
    ],
    [
      'a client known by LID only',
      { from: '222@lid' },
      { chatKind: 'direct', sender: { lid: '222' }, peer: { lid: '222' } },
    ],
    [
      "a client's linked device",
      { from: '222:12@lid', sender_pn: '5511988887777:12@s.whatsapp.net' },
      { peer: ana },
    ],
    [
      'a hosted business',
      { from: '5511988887777:99@hosted', sender_lid: '222:99@hosted.lid' },
      { chatKind: 'direct', peer: ana },
    ],
    [
      'a hosted business by LID',
      { from: '222:99@hosted.lid', sender_pn: '5511988887777@hosted' },
      { chatKind: 'direct', peer: ana },
    ],
    [
      'an old form of the number',
      { from: '5511988887777@c.us' },
      { chatKind: 'direct', peer: { phone: '5511988887777' } },
    ],
    [
      'an address with an agent',
      { from: '5511988887777_1:2@s.whatsapp.net' },
      { peer: { phone: '5511988887777' } },
    ],
    [
      'alternatives of the wrong form',
      { from: '222@lid', sender_pn: '333@lid', sender_lid: '444@lid' },
      { peer: { lid: '222' } },
    ],
    [
      'the owner to a client, by phone number',
      {
        from: '5511999887766@s.whatsapp.net',
        recipient: '5511988887777@s.whatsapp.net',
        peer_recipient_lid: '222@lid',
      },
      { chatKind: 'direct', fromMe: true, sender: account, peer: ana },
    ],
    [
      'the owner to a client, by LID',
      { from: '111:3@lid', recipient: '222@lid', peer_recipient_pn: '5511988887777@s.whatsapp.net' },
      { chatKind: 'direct', fromMe: true, sender: account, peer: ana },
    ],
    [
      'the owner to itself',
      { from: '111@lid', recipient: '111@lid' },
      { chatKind: 'self', fromMe: true, peer: undefined },
    ],
    [
      'the owner to itself across forms',
      { from: '111@lid', recipient: '5511999887766@s.whatsapp.net' },
      { chatKind: 'self', fromMe: true },
    ],
    ['the owner to nobody', { from: '5511999887766:7@s.whatsapp.net' }, { chatKind: 'self', fromMe: true }],
    [
      'the phone to its companion',
      { from: '5511999887766@s.whatsapp.net', category: 'peer' },
      { chatKind: 'self', fromMe: true, isPeerTraffic: true },
    ],
    [
      'the owner to Meta AI',
      { from: '5511999887766@s.whatsapp.net', recipient: '867051314767696@bot' },
      { chatKind: 'bot', fromMe: true },
    ],
    [
      'the owner to a group',
      { from: '5511999887766@s.whatsapp.net', recipient: '1203@g.us' },
      { chatKind: 'group', fromMe: true },
    ],
    [
      "digits of the account's LID as a phone number",
      { from: '111@s.whatsapp.net' },
      { fromMe: false, peer: { phone: '111' } },
    ],
    [
      "digits of the account's number as a LID",
      { from: '5511999887766@lid' },
      { fromMe: false, peer: { lid: '5511999887766' } },
    ],
    [
      'a group',
      { from: '1203@g.us', participant: '222@lid', participant_pn: '5511988887777@s.whatsapp.net' },
      { chatKind: 'group', fromMe: false, sender: ana, peer: undefined },
    ],
    [
      'the owner in a group',
      { from: '1203@g.us', participant: '111:2@lid' },
      { chatKind: 'group', fromMe: true },
    ],
    ['a group without participant', { from: '1203@g.us' }, { chatKind: 'group', fromMe: false, sender: {} }],
    [
      'a status',
      { from: 'status@broadcast', participant: '222@lid' },
      { chatKind: 'status', sender: { lid: '222' } },
    ],
    [
      'a client through a list',
      {
        from: '1700000000@broadcast',
        participant: '222:3@lid',
        participant_pn: '5511988887777@s.whatsapp.net',
      },
      { chatKind: 'direct', fromMe: false, sender: ana, peer: ana },
    ],
    [
      'the owner through a list',
      { from: '1700000000@broadcast', participant: '111@lid' },
      { chatKind: 'broadcast', fromMe: true, peer: undefined },
    ],
    [
      'the owner to a list',
      { from: '111@lid', recipient: '1700000000@broadcast' },
      { chatKind: 'broadcast' },
    ],
    ['a list without author', { from: '1700000000@broadcast' }, { chatKind: 'broadcast', peer: undefined }],
    ['a channel', { from: '1203@newsletter' }, { chatKind: 'newsletter' }],
    ['a bot', { from: '867051314767696@bot' }, { chatKind: 'bot' }],
    ['Meta AI by number', { from: '13135550002@c.us' }, { chatKind: 'bot' }],
    ['an announcement of WhatsApp', { from: '0@c.us' }, { chatKind: 'bot' }],
    ['a server that nobody knows', { from: '1@interop' }, { chatKind: 'other', peer: undefined }],
    ['an address that is no number', { from: 'x@lid' }, { chatKind: 'other', peer: undefined }],
    ['an address of noughts', { from: '000@lid' }, { chatKind: 'other' }],
    ['an address without end', { from: `${'1'.repeat(500)}@s.whatsapp.net` }, { chatKind: 'other' }],
    ['no address at all', { from: 's.whatsapp.net' }, { chatKind: 'other' }],
    ['the server itself', { from: '@s.whatsapp.net' }, { chatKind: 'other' }],
  ])('reads %s', (_name, attrs, expected) => {
    const actual: Expected = readAddresses(attrs, account);
    const names = Object.keys(expected) as (keyof Expected)[];
    expect(Object.fromEntries(names.map((name) => [name, actual[name]]))).toEqual(expected);
  });

  it('refuses a recipient that somebody else names', () => {
    const attrs = { from: '222@lid', recipient: '333@lid' };
    expect(() => readAddresses(attrs, account)).toThrow('foreign_recipient');
  });

  it('takes nobody for the account while the account is unknown', () => {
    expect(readAddresses({ from: '222@lid' }, {})).toMatchObject({ fromMe: false });
    expect(readAddresses({ from: '1203@g.us' }, {})).toMatchObject({ fromMe: false });
  });
});
