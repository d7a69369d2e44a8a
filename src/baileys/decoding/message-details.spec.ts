import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { readContent } from './message-content.js';
import type { MessageView } from './message-target.js';

const ofAna: MessageView = {
  chatKind: 'direct',
  fromMe: false,
  account: { phone: '5511999887766', lid: '111' },
};

/** Through the wire format. */
function read(message: proto.IMessage): ReturnType<typeof readContent> {
  return readContent(proto.Message.decode(proto.Message.encode(message).finish()), ofAna);
}

const file = { mediaKey: Buffer.alloc(32, 1), directPath: '/v/t62/1', fileLength: 1234 };
const text = 'oi';

describe('the details of a message', () => {
  it.each<[string, proto.IMessage, string, object]>([
    [
      'a text with a link',
      {
        extendedTextMessage: {
          text: 'see *this* https://a.example',
          matchedText: 'https://a.example',
          title: 'A',
          description: 'about',
        },
      },
      'see *this* https://a.example',
      {
        type: 'text',
        metadata: { link_preview: { url: 'https://a.example', title: 'A', description: 'about' } },
      },
    ],
    [
      'a picture',
      { imageMessage: { ...file, caption: 'cat', width: 3, height: 4, mimetype: 'image/jpeg' } },
      'cat',
      { type: 'image', media: { kind: 'image', size: 1234, width: 3, height: 4, mimeType: 'image/jpeg' } },
    ],
    ['a picture that nothing opens', { imageMessage: { directPath: '/x' } }, '[image]', { type: 'image' }],
    [
      'a picture to be seen once',
      { viewOnceMessageV2: { message: { imageMessage: file } } },
      '[image]',
      { type: 'image', isViewOnce: true },
    ],
    [
      'a GIF',
      { videoMessage: { ...file, gifPlayback: true } },
      '[gif]',
      { type: 'gif', media: { kind: 'gif' } },
    ],
    [
      'a round video',
      { ptvMessage: file },
      '[video note]',
      { type: 'video_note', media: { kind: 'video_note' } },
    ],
    [
      'a voice note',
      { audioMessage: { ...file, ptt: true, seconds: 5, waveform: Buffer.alloc(64) } },
      '[voice message 0:05]',
      { type: 'voice', media: { kind: 'voice', seconds: 5, waveform: expect.any(Uint8Array) as unknown } },
    ],
    [
      'a document',
      {
        documentWithCaptionMessage: {
          message: { documentMessage: { ...file, fileName: 'a.pdf', pageCount: 2 } },
        },
      },
      'a.pdf',
      { type: 'document', metadata: { page_count: 2 }, media: { kind: 'document', fileName: 'a.pdf' } },
    ],
    [
      'an animated sticker',
      { lottieStickerMessage: { message: { stickerMessage: { ...file, isAnimated: true } } } },
      '[sticker]',
      { type: 'sticker', media: { kind: 'sticker', isAnimated: true } },
    ],
    [
      'a part of an album',
      {
        associatedChildMessage: {
          message: {
            imageMessage: file,
            messageContextInfo: {
              messageAssociation: { associationType: 1, parentMessageKey: { id: 'ALBUM', fromMe: true } },
            },
          },
        },
      },
      '[image]',
      { metadata: { part_of: { message_id: 'ALBUM', from_me: false, as: 'album' } } },
    ],
    [
      'a location',
      {
        locationMessage: { name: 'Café', degreesLatitude: -23.5, degreesLongitude: -46.6, url: 'https://a' },
      },
      '[location] Café, (-23.5, -46.6)',
      { type: 'location', metadata: { name: 'Café', latitude: -23.5, longitude: -46.6, url: 'https://a' } },
    ],
    [
      'a location outside the world',
      { locationMessage: { name: 'Far', degreesLatitude: 91, degreesLongitude: -46.6 } },
      '[location] Far',
      { metadata: { name: 'Far' } },
    ],
    [
      'a live location',
      { liveLocationMessage: { degreesLatitude: 1.5, degreesLongitude: 2.5, sequenceNumber: 7 } },
      '[live location] (1.5, 2.5)',
      { type: 'live_location', metadata: { latitude: 1.5, longitude: 2.5, sequence: 7 } },
    ],
    [
      'a contact',
      {
        contactMessage: {
          vcard:
            'BEGIN:VCARD\nFN:Bia\nORG:Acme;\nitem1.TEL;waid=5511988887777:+55 11 98888-7777\nTEL:(11) 3333-4444\nEMAIL:b@a.example\nEND:VCARD',
        },
      },
      '[contact] Bia +5511988887777, (11) 3333-4444, b@a.example, Acme',
      {
        type: 'contact',
        metadata: {
          contacts: [
            {
              name: 'Bia',
              phone_numbers: ['5511988887777', '(11) 3333-4444'],
              whatsapp: ['5511988887777'],
              emails: ['b@a.example'],
              organization: 'Acme',
            },
          ],
        },
      },
    ],
    [
      'a poll',
      {
        pollCreationMessageV3: { name: 'When?', options: [{ optionName: 'Mon' }], selectableOptionsCount: 1 },
        messageContextInfo: { messageSecret: Buffer.alloc(32, 9) },
      },
      '[poll] When?\n- Mon',
      {
        type: 'poll',
        secret: Buffer.alloc(32, 9),
        metadata: { question: 'When?', options: [{ name: 'Mon', votes: 0 }], selectable: 1 },
      },
    ],
    [
      'an event',
      {
        eventMessage: {
          name: 'Party',
          startTime: 1767225600,
          location: { name: 'Bar' },
          joinLink: 'https://j',
        },
      },
      '[event] Party, 2026-01-01T00:00:00.000Z, Bar, https://j',
      {
        type: 'event',
        metadata: {
          name: 'Party',
          starts_at: '2026-01-01T00:00:00.000Z',
          location: { name: 'Bar' },
          join_link: 'https://j',
          is_cancelled: false,
          answers: { going: 0, not_going: 0, maybe: 0 },
        },
      },
    ],
    [
      'buttons',
      {
        buttonsMessage: {
          contentText: 'Pick',
          buttons: [{ buttonId: 'y', buttonText: { displayText: 'Yes' } }],
        },
      },
      'Pick\n- Yes',
      { metadata: { body: 'Pick', buttons: [{ text: 'Yes', id: 'y' }] } },
    ],
    [
      'a list',
      {
        listMessage: {
          title: 'Menu',
          sections: [{ title: 'Hot', rows: [{ title: 'Soup', description: 'R$ 10', rowId: 's' }] }],
        },
      },
      'Menu\n- Soup: R$ 10',
      {
        metadata: { title: 'Menu', rows: [{ title: 'Soup', description: 'R$ 10', id: 's', section: 'Hot' }] },
      },
    ],
    [
      'a template',
      {
        templateMessage: {
          hydratedTemplate: {
            hydratedContentText: 'Hello',
            hydratedButtons: [
              { urlButton: { displayText: 'Site', url: 'https://a' } },
              { callButton: { displayText: 'Call', phoneNumber: '+5511' } },
            ],
          },
        },
      },
      'Hello\n- Site: https://a\n- Call: +5511',
      {
        metadata: {
          body: 'Hello',
          buttons: [
            { text: 'Site', url: 'https://a' },
            { text: 'Call', phone_number: '+5511' },
          ],
        },
      },
    ],
    [
      'a code to copy',
      {
        interactiveMessage: {
          body: { text: 'Yours' },
          nativeFlowMessage: {
            buttons: [{ name: 'cta_copy', buttonParamsJson: '{"display_text":"Copy","copy_code":"AB12"}' }],
          },
        },
      },
      'Yours\n- Copy: AB12',
      { metadata: { body: 'Yours', buttons: [{ text: 'Copy', copy_code: 'AB12' }] } },
    ],
    [
      'a request to pay by Pix',
      {
        interactiveMessage: {
          nativeFlowMessage: {
            buttons: [
              {
                name: 'payment_info',
                buttonParamsJson: JSON.stringify({
                  currency: 'BRL',
                  total_amount: { value: 1250, offset: 100 },
                  payment_settings: [
                    {
                      type: 'pix_static_code',
                      pix_static_code: { merchant_name: 'Bia', key: 'b@a', key_type: 'EMAIL' },
                    },
                  ],
                }),
              },
            ],
          },
        },
      },
      '- payment_info: BRL 12.50\nPix: b@a, Bia',
      {
        metadata: {
          buttons: [
            {
              text: 'payment_info',
              amount: 'BRL 12.50',
              pix: { key: 'b@a', key_type: 'EMAIL', name: 'Bia' },
            },
          ],
        },
      },
    ],
    [
      'the cards of a carousel',
      {
        interactiveMessage: {
          body: { text: 'Rooms' },
          carouselMessage: { cards: [{ header: { title: 'One' } }, { body: { text: 'Two' } }] },
        },
      },
      'Rooms\nOne\nTwo',
      { metadata: { body: 'Rooms', cards: [{ title: 'One' }, { body: 'Two' }] } },
    ],
    [
      'what was chosen of a list',
      { listResponseMessage: { title: 'Soup', singleSelectReply: { selectedRowId: 's' } } },
      'Soup',
      { metadata: { selected: { id: 's', text: 'Soup' } } },
    ],
    [
      'the answers of a form',
      {
        interactiveResponseMessage: {
          body: { text: 'Sent' },
          nativeFlowResponseMessage: {
            name: 'flow',
            paramsJson: '{"flow_token":"t","screen_0_Name_0":"Ana","screen_0_Days_1":["Mon"]}',
          },
        },
      },
      'Sent\nName: Ana\nDays: ["Mon"]',
      { metadata: { selected: {}, flow: 'flow', answers: { Name: 'Ana', Days: '["Mon"]' } } },
    ],
    [
      'an order',
      { orderMessage: { orderId: '7', itemCount: 2, totalAmount1000: 12_500, totalCurrencyCode: 'BRL' } },
      '[order] 2 items, BRL 12.50',
      { type: 'order', metadata: { order_id: '7', items: 2, total: 12.5, currency: 'BRL' } },
    ],
    [
      'a product',
      {
        productMessage: {
          product: { title: 'Cut', priceAmount1000: 30_000, currencyCode: 'BRL', url: 'https://a' },
        },
      },
      '[product] Cut, BRL 30.00, https://a',
      { type: 'product', metadata: { title: 'Cut', price: 30, currency: 'BRL', url: 'https://a' } },
    ],
    [
      'a payment request',
      { requestPaymentMessage: { amount1000: 1000, currencyCodeIso4217: 'BRL' } },
      '[payment request] BRL 1.00',
      { type: 'payment', metadata: { state: 'requested', amount: 1, currency: 'BRL' } },
    ],
    [
      'a group invite',
      { groupInviteMessage: { groupName: 'Friends', groupJid: '1@g.us', inviteCode: 'abc' } },
      '[group invite] Friends',
      { type: 'group_invite', metadata: { group_id: '1@g.us', name: 'Friends', code: 'abc' } },
    ],
    [
      'a missed call',
      { callLogMesssage: { callOutcome: 1 } },
      '[call] missed',
      { type: 'call', metadata: { outcome: 'missed', is_video: false } },
    ],
    [
      'a reply',
      {
        extendedTextMessage: {
          text,
          contextInfo: { stanzaId: 'Q', participant: '111@lid', quotedMessage: { conversation: 'and you?' } },
        },
      },
      text,
      { replyTo: { messageId: 'Q', fromMe: true, content: 'and you?' } },
    ],
    [
      "a reply to the client's own",
      { extendedTextMessage: { text, contextInfo: { stanzaId: 'Q', participant: '222@lid' } } },
      text,
      { replyTo: { messageId: 'Q', fromMe: false, content: '' } },
    ],
    [
      'a reply to a status',
      { extendedTextMessage: { text, contextInfo: { stanzaId: 'Q', remoteJid: 'status@broadcast' } } },
      text,
      { metadata: { replies_to_status: true } },
    ],
    [
      'mentions',
      {
        extendedTextMessage: {
          text,
          contextInfo: { mentionedJid: ['222@lid', '5511988887777@s.whatsapp.net', 'junk', '222@lid'] },
        },
      },
      text,
      { mentions: ['222@lid', '5511988887777'] },
    ],
    [
      'something forwarded often',
      { imageMessage: { contextInfo: { isForwarded: true, forwardingScore: 127 } } },
      '[image]',
      { isForwarded: true, metadata: { forward_score: 127 } },
    ],
    [
      'a text that vanishes',
      {
        ephemeralMessage: { message: { extendedTextMessage: { text, contextInfo: { expiration: 86_400 } } } },
      },
      text,
      { isEphemeral: true },
    ],
    [
      'a tap on an ad',
      {
        extendedTextMessage: {
          text: '',
          contextInfo: {
            externalAdReply: {
              title: 'Cuts from R$ 30',
              body: 'Book now',
              sourceUrl: 'https://fb.me/1',
              sourceType: 'ad',
              sourceId: '9',
              ctwaClid: 'c',
            },
          },
        },
      },
      '[ad] Cuts from R$ 30, Book now, https://fb.me/1',
      {
        contentClass: 'text',
        metadata: {
          referral: {
            source: 'ad',
            source_id: '9',
            url: 'https://fb.me/1',
            headline: 'Cuts from R$ 30',
            body: 'Book now',
            click_id: 'c',
          },
        },
      },
    ],
    [
      'a tap on an ad that tells nothing of itself',
      { extendedTextMessage: { contextInfo: { conversionSource: 'FB_Ads' } } },
      '[ad]',
      { contentClass: 'text', metadata: { referral: { source: 'FB_Ads' } } },
    ],
  ])('are read of %s', (_name, message, content, details) => {
    const found = read(message);

    expect(found).toMatchObject({ text: content, ...details });
    expect(found.metadata).toEqual('metadata' in details ? details.metadata : undefined);
  });

  it('are none of the usual text', () => {
    expect(read({ conversation: text })).toEqual({
      type: 'text',
      contentClass: 'text',
      contentType: 'conversation',
      text,
    });
  });

  it('leaves out what neither JSON nor Postgres can hold', () => {
    const { metadata } = read({
      locationMessage: { name: 'a\0', address: 'x'.repeat(10_000), accuracyInMeters: 1 },
    });

    expect(metadata).toEqual({ name: 'a', address: 'x'.repeat(4_096), accuracy_meters: 1 });
  });

  it('reads of quotes within quotes the first alone', () => {
    let quoted: proto.IMessage = { conversation: 'the first' };
    for (let depth = 0; depth < 200; depth++) {
      quoted = {
        extendedTextMessage: {
          text: `quote ${depth}`,
          contextInfo: { stanzaId: 'Q', quotedMessage: quoted },
        },
      };
    }

    expect(read(quoted)).toMatchObject({ text: 'quote 199', replyTo: { content: 'quote 198' } });
  });

  it('prefers what has words', () => {
    expect(read({ conversation: '', imageMessage: { caption: 'cat' } })).toMatchObject({ text: 'cat' });
  });
});
