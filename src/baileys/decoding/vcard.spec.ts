import { describe, expect, it } from 'vitest';
import { readVcard } from './vcard.js';

describe('readVcard', () => {
  it.each<[string, string, object]>([
    [
      'of a phone',
      'BEGIN:VCARD\r\nVERSION:3.0\r\nN:Souza;Bia;;;\r\nFN:Bia Souza\r\nitem1.TEL;waid=5511988887777:+55 11 98888-7777\r\nitem1.X-ABLabel:Celular\r\nTEL;type=HOME:+55 11 3333-4444\r\nEND:VCARD',
      { name: 'Bia Souza', phoneNumbers: ['5511988887777', '551133334444'], whatsapp: ['5511988887777'] },
    ],
    ['with names in parts', 'N:Souza;Bia;M;Dra.;', { name: 'Dra. Bia M Souza' }],
    [
      'with all the rest',
      'FN:B\nORG:Acme\\, Inc.;Sales\nTITLE:CEO\nEMAIL;type=WORK:b@a.example\nEMAIL:c@a.example\nURL:https://a.example\nADR;type=WORK:;;Rua 1;São Paulo;SP;01000;Brasil\nBDAY:1990-01-02',
      {
        organization: 'Acme, Inc., Sales',
        title: 'CEO',
        emails: ['b@a.example', 'c@a.example'],
        urls: ['https://a.example'],
        addresses: ['Rua 1, São Paulo, SP, 01000, Brasil'],
        birthday: '1990-01-02',
      },
    ],
    [
      'with a folded line',
      'FN:Ana\n  Maria\nTEL:+5511\n 99999',
      { name: 'Ana Maria', phoneNumbers: ['551199999'] },
    ],
    [
      'in quoted-printable',
      'FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Jos=C3=A9=\n Silva',
      { name: 'José Silva' },
    ],
    [
      'of version 4',
      'TEL;VALUE=uri;TYPE="voice,cell:x":tel:+55-11-98888-7777',
      { phoneNumbers: ['5511988887777'] },
    ],
    ['without colons', 'BEGIN VCARD', { name: undefined, phoneNumbers: [] }],
    ['with a number in words', 'TEL:call me', { phoneNumbers: [] }],
    ['with quotes that do not end', 'TEL;TYPE="x:123', { phoneNumbers: [] }],
    ['with a broken escape', 'FN:a\\', { name: 'a\\' }],
    ['of nothing', '', { phoneNumbers: [] }],
  ])('reads a card %s', (_name, text, card) => {
    expect(readVcard(text)).toMatchObject(card);
  });

  it.each<[string, string]>([
    ['lines', 'TEL:1\n'.repeat(200_000)],
    ['one line', `FN:${'='.repeat(1_000_000)}`],
    ['soft line breaks', `FN;ENCODING=QUOTED-PRINTABLE:a=\n${'b=\n'.repeat(300_000)}`],
    ['quotes', '"'.repeat(1_000_000)],
    ['escapes', `FN:${'\\'.repeat(1_000_000)}`],
    ['numbers', Array.from({ length: 50_000 }, (_, index) => `TEL:+5511${index}00000`).join('\n')],
  ])('takes no long time over endless %s', (_name, text) => {
    const startedAt = performance.now();

    expect(readVcard(text).phoneNumbers.length).toBeLessThanOrEqual(50);

    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
