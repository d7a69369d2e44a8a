import { proto } from '@whiskeysockets/baileys';
import type { Random } from '../chaos/random.js';

const KEY: proto.IMessageKey = { remoteJid: '222@lid', fromMe: true, id: 'THEIRS' };
const sealed = { encPayload: Buffer.alloc(48, 1), encIv: Buffer.alloc(12, 2) };
const file = {
  mediaKey: Buffer.alloc(32, 1),
  directPath: '/v/1',
  fileSha256: Buffer.alloc(32),
  fileLength: 99,
};
const CARD = 'BEGIN:VCARD\nVERSION:3.0\nFN:Bia\nTEL;waid=5511988887777:+55 11 98888-7777\nEND:VCARD';
const QUOTE: proto.IContextInfo = {
  stanzaId: 'Q',
  participant: '111@lid',
  quotedMessage: { conversation: 'before' },
  mentionedJid: ['222@lid'],
  forwardingScore: 3,
  externalAdReply: { title: 'Ad', sourceUrl: 'https://a.example' },
};

/** One of each kind that people send, whole. */
const SAMPLES: readonly proto.IMessage[] = [
  { conversation: 'oi' },
  {
    extendedTextMessage: {
      text: 'oi https://a.example',
      matchedText: 'https://a.example',
      contextInfo: QUOTE,
    },
  },
  { imageMessage: { ...file, caption: 'cat', width: 3, height: 4, contextInfo: QUOTE } },
  { videoMessage: { ...file, gifPlayback: true, seconds: 5 } },
  { audioMessage: { ...file, ptt: true, seconds: 65, waveform: Buffer.alloc(64, 50) } },
  { documentMessage: { ...file, fileName: 'a.pdf', mimetype: 'application/pdf' } },
  { stickerMessage: { ...file, isAnimated: true } },
  { albumMessage: { expectedImageCount: 2 } },
  { locationMessage: { degreesLatitude: -23.5, degreesLongitude: -46.6, name: 'Café' } },
  { liveLocationMessage: { degreesLatitude: 1, degreesLongitude: 2, sequenceNumber: 4 } },
  { contactMessage: { displayName: 'Bia', vcard: CARD } },
  { contactsArrayMessage: { contacts: [{ vcard: CARD }, { displayName: 'A' }] } },
  { pollCreationMessageV3: { name: 'When?', options: [{ optionName: 'Mon' }, { optionName: 'Tue' }] } },
  { pollResultSnapshotMessage: { name: 'When?', pollVotes: [{ optionName: 'Mon', optionVoteCount: 3 }] } },
  { eventMessage: { name: 'Party', startTime: 1_767_225_600, location: { name: 'Bar' } } },
  { orderMessage: { orderTitle: 'Cake', itemCount: 2, totalAmount1000: 12_500, totalCurrencyCode: 'BRL' } },
  { productMessage: { product: { title: 'Cut', priceAmount1000: 30_000, currencyCode: 'BRL' } } },
  {
    requestPaymentMessage: {
      amount1000: 1000,
      currencyCodeIso4217: 'BRL',
      noteMessage: { conversation: 'x' },
    },
  },
  { groupInviteMessage: { groupName: 'Friends', inviteCode: 'abc', inviteExpiration: 1_767_225_600 } },
  { callLogMesssage: { callOutcome: 1, durationSecs: 9 } },
  {
    buttonsMessage: { contentText: 'Pick', buttons: [{ buttonId: 'y', buttonText: { displayText: 'Yes' } }] },
  },
  { listMessage: { title: 'Menu', sections: [{ title: 'Hot', rows: [{ title: 'Soup', rowId: 's' }] }] } },
  { templateMessage: { hydratedTemplate: { hydratedContentText: 'Hi', hydratedButtons: [{ index: 1 }] } } },
  {
    interactiveMessage: {
      body: { text: 'Yours' },
      nativeFlowMessage: { buttons: [{ name: 'cta_copy', buttonParamsJson: '{"copy_code":"AB12"}' }] },
      carouselMessage: { cards: [{ body: { text: 'One' } }] },
    },
  },
  {
    interactiveResponseMessage: {
      body: { text: 'Sent' },
      nativeFlowResponseMessage: { name: 'flow', paramsJson: '{"screen_0_Name_0":"Ana"}' },
    },
  },
  { reactionMessage: { key: KEY, text: '👍' } },
  { protocolMessage: { key: KEY, type: 0 } },
  { protocolMessage: { key: KEY, type: 14, editedMessage: { conversation: 'new' } } },
  { pinInChatMessage: { key: KEY, type: 1 } },
  { pollUpdateMessage: { pollCreationMessageKey: KEY, vote: sealed } },
  { encEventResponseMessage: { eventCreationMessageKey: KEY, ...sealed } },
  { secretEncryptedMessage: { targetMessageKey: KEY, secretEncType: 2, ...sealed } },
  { commentMessage: { targetMessageKey: KEY, message: { conversation: 'so' } } },
];

const LONG = 65_536;
const MAX_BYTES = 1_048_576;
const TEXTS: readonly string[] = [
  '',
  '\0',
  '\u200b\u200c\ufeff',
  '\u202eevil\u202c \u2066x\u2069',
  'e\u0301\u0489'.repeat(500),
  '😀'.repeat(LONG),
  '\\'.repeat(LONG),
  '"'.repeat(10_000),
  `{${'"a":{'.repeat(5_000)}`,
  `[${'['.repeat(50_000)}`,
  '{"__proto__":{"x":1},"constructor":1,"values":{"__proto__":[1]}}',
  '{"total_amount":{"value":1e999,"offset":0},"payment_settings":[null,1,{"pix_static_code":"x"}],"sections":[{"rows":[null]}]}',
  `BEGIN:VCARD\n${'TEL:+1\n \n'.repeat(5_000)}`,
  `FN;ENCODING=QUOTED-PRINTABLE:${'=\n'.repeat(20_000)}`,
  'TEL;waid=:;;;:::"',
  'status@broadcast',
  '0@s.whatsapp.net',
  'https://',
  '../../etc/passwd',
  'x'.repeat(5_000),
];
const NUMBERS: readonly number[] = [
  0,
  -0,
  -1,
  1,
  90.0001,
  181,
  1e308,
  -1e308,
  2 ** 31 - 1,
  2 ** 32,
  Number.NaN,
  Infinity,
];
const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessageV2',
  'documentWithCaptionMessage',
  'editedMessage',
] as const;

/** @returns an encoded message that somebody may send who means no good */
export function hostileContent(random: Random): Uint8Array {
  const message = structuredClone(random.pick(SAMPLES)) as Record<string, unknown>;
  if (random.chance(0.1)) {
    Object.assign(message, structuredClone(random.pick(SAMPLES)));
  }
  for (let times = random.integer(0, 4); times > 0; times--) {
    spoil(message, random);
  }
  return spoilBytes(encode(wrap(message, random)), random);
}

/** Goes down a random way and changes what is at its end. */
function spoil(object: Record<string, unknown>, random: Random): void {
  const names = Object.keys(object);
  if (names.length === 0) {
    return;
  }
  const name = random.pick(names);
  const value = object[name];
  const isBranch = typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
  if (isBranch && random.chance(0.85)) {
    spoil(value as Record<string, unknown>, random);
  } else if (random.chance(0.15)) {
    delete object[name];
  } else {
    object[name] = spoiled(value, random);
  }
}

function spoiled(value: unknown, random: Random): unknown {
  switch (typeof value) {
    case 'string':
      return random.chance(0.2) ? value.repeat(random.integer(2, 50)) : random.pick(TEXTS);
    case 'number':
      return random.pick(NUMBERS);
    case 'boolean':
      return !value;
    default:
      if (value instanceof Uint8Array) {
        return Buffer.alloc(random.pick([0, 1, 31, 33, 4_000, 70_000]), random.integer(0, 255));
      }
      return Array.isArray(value)
        ? Array.from({ length: random.pick([0, 1, 30]) }, () => value[0] as unknown)
        : value;
  }
}

function wrap(message: Record<string, unknown>, random: Random): proto.IMessage {
  let wrapped: proto.IMessage = message;
  if (random.chance(0.02)) {
    for (let depth = 0; depth < 200; depth++) {
      wrapped = {
        extendedTextMessage: { text: `${depth}`, contextInfo: { stanzaId: 'Q', quotedMessage: wrapped } },
      };
    }
  }
  for (let times = random.chance(0.2) ? random.integer(1, 12) : 0; times > 0; times--) {
    wrapped = { [random.pick(WRAPPERS)]: { message: wrapped } };
  }
  return wrapped;
}

/** What protobuf's encoder refuses is no message, and what is larger than any that a phone sends is another test's. */
function encode(message: proto.IMessage): Uint8Array {
  try {
    const bytes = proto.Message.encode(proto.Message.fromObject(message)).finish();
    return bytes.length <= MAX_BYTES ? bytes : bytes.slice(0, MAX_BYTES);
  } catch {
    return proto.Message.encode({ conversation: 'oi' }).finish();
  }
}

function spoilBytes(bytes: Uint8Array, random: Random): Uint8Array {
  if (!random.chance(0.3) || bytes.length === 0) {
    return bytes;
  }
  const at = random.integer(0, bytes.length - 1);
  const end = Math.min(bytes.length, at + random.integer(1, 8));
  const noise = Buffer.from(Array.from({ length: random.integer(1, 6) }, () => random.integer(0, 255)));
  return random.pick([
    () => bytes.subarray(0, at),
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]),
    () => Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]),
    () => Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(end)]),
    () => Buffer.concat([bytes, bytes.subarray(at)]),
  ])();
}

const ATTRIBUTES: readonly Record<string, string>[] = [
  { recipient: '333@lid' },
  { from: '111@lid', recipient: '222@lid' },
  { from: '111@lid', category: 'peer' },
  { from: '1203@g.us', participant: '222@lid' },
  { from: '1700000000@broadcast', participant: '222@lid' },
  { from: 'x@y@z', participant: '\0' },
  { t: '99999999999' },
  { t: '-1' },
  { edit: '1' },
  { decrypt_fail: 'hide' },
  { notify: '\u202e\0\ud800' },
  { notify: '😀'.repeat(10_000) },
  { id: '\0\ud800'.repeat(1_000) },
];

/** @returns attributes of its stanza */
export function hostileAttributes(random: Random, id: string): Record<string, string> {
  const usual = {
    id,
    from: '222@lid',
    sender_pn: '5511988887777@s.whatsapp.net',
    t: '1767225600',
    notify: 'Ana',
  };
  return random.chance(0.3) ? { ...usual, ...random.pick(ATTRIBUTES) } : usual;
}
