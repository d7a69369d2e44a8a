import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReceivedMessage } from '../../src/common/inbox.js';
import type { MessageType } from '../../src/common/message-types.js';
import type { Instance } from '../../src/repositories/instance.js';
import { voiceNote } from '../../src/simulator/media-host/samples.js';
import type { Content } from '../../src/simulator/phones/message-content.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { SentMessage } from '../../src/simulator/phones/sent-message.js';
import { SessionsHarness } from '../support/sessions-harness.js';

const PLACE = { latitude: -23.5, longitude: -46.6 };
const CARD = { displayName: 'Bob', vcard: 'BEGIN:VCARD\nVERSION:3.0\nFN:Bob\nEND:VCARD' };

let harness: SessionsHarness;
let owner: Phone;
let ana: Phone;
let instance: Instance;
let first: SentMessage;

beforeAll(async () => {
  harness = await SessionsHarness.start();
  owner = harness.sim.addPhone({ number: '5511999887766', name: 'Clinic' });
  ana = harness.sim.addPhone({ number: '5521988776655', name: 'Ana' });
  instance = await harness.linked(owner);
  first = await ana.writes(owner, 'first');
  await first.acknowledged();
});

afterAll(() => harness.stop());

/** What the service reads in its inbox of what Ana wrote. */
async function received(content: Content): Promise<ReceivedMessage> {
  const sent = await ana.writes(owner, content);
  await sent.acknowledged();
  const messages = await harness.inbox(instance);
  return messages.find(({ messageId }) => messageId === sent.id)!;
}

describe('each kind of message over the wire', () => {
  it.each<[type: MessageType, content: Content, told: Partial<ReceivedMessage>]>([
    ['text', 'hello', { text: 'hello' }],
    ['image', { image: { caption: 'look' } }, { text: 'look' }],
    ['video', { video: {} }, {}],
    ['video_note', { video: { round: true } }, {}],
    ['gif', { video: { gif: true } }, {}],
    ['voice', { audio: { seconds: 2 } }, {}],
    ['audio', { audio: { ptt: false } }, {}],
    ['document', { document: { fileName: 'a.pdf', caption: 'offer' } }, { text: 'offer' }],
    ['sticker', { sticker: true }, {}],
    ['location', { location: { ...PLACE, name: 'Office' } }, {}],
    ['live_location', { liveLocation: PLACE }, {}],
    ['contact', { contacts: [CARD, CARD] }, {}],
    ['poll', { poll: { question: 'When?', options: ['mon', 'tue'] } }, {}],
    ['event', { event: { name: 'Party', place: PLACE } }, {}],
    ['order', { order: { id: '1', title: 'Cart', items: 2, amount1000: 5000, currency: 'BRL' } }, {}],
    ['product', { product: { id: '1', title: 'Soap' } }, {}],
    ['call', { callLog: { missed: true } }, {}],
    ['group_invite', { invite: { group: '1203@g.us', name: 'Team', code: 'abc' } }, {}],
    ['album', { album: { images: 2 } }, {}],
    ['payment', { payment: { amount1000: 1000, currency: 'BRL' } }, {}],
    ['unsupported', { raw: { placeholderMessage: { type: 0 } } }, {}],
    ['image', { image: {}, viewOnce: true }, { isViewOnce: true }],
    ['text', { text: 'again', forwarded: 3 }, { isForwarded: true }],
    ['text', { text: 'soon gone', ephemeral: 86_400 }, { isEphemeral: true }],
    ['text', { buttonReply: { id: '1', text: 'Yes' } }, { text: 'Yes' }],
  ])('%s', async (type, content, told) => {
    expect(await received(content)).toMatchObject({ type, ...told });
  });

  it('a file with all that it takes to fetch it', async () => {
    const { media } = await received({ audio: { seconds: 2 } });

    const { mediaKey, sha256, encSha256, directPath } = media!;
    const file = harness.sim.media.open('audio', {
      directPath: directPath!,
      mediaKey,
      fileSha256: sha256!,
      fileEncSha256: encSha256!,
      fileLength: media!.size!,
    });
    const pieces: Buffer[] = [];
    for await (const piece of file) {
      pieces.push(piece);
    }
    expect(Buffer.concat(pieces)).toEqual(voiceNote(2));
    expect(media).toMatchObject({ kind: 'voice', seconds: 2 });
  });

  it('a reply, and whom it names', async () => {
    const message = await received({ text: 'yes', replyTo: first, mentions: [owner.address('lid')] });

    expect(message).toMatchObject({
      replyTo: { messageId: first.id, fromMe: false, content: 'first' },
      mentions: [expect.stringContaining(owner.lid)],
    });
  });

  it('a tap on an advertisement that says nothing', async () => {
    const message = await received({ text: '', ad: { title: 'Sale', url: 'https://fb.me/1', id: '42' } });

    expect(message.type).toBe('text');
    expect(JSON.stringify(message.metadata)).toContain('https://fb.me/1');
  });
});

describe('each change over the wire', () => {
  it.each<[kind: string, content: () => Content]>([
    ['edit', () => ({ edit: first, text: 'second' })],
    ['delete', () => ({ revoke: first })],
    ['reaction', () => ({ reaction: '👍', to: first })],
    ['pin', () => ({ pin: first })],
    ['keep', () => ({ keep: first })],
  ])('%s', async (kind, content) => {
    const { change } = await received(content());

    expect(change).toMatchObject({ kind, target: { messageId: first.id, fromMe: false } });
  });

  it.each<[use: string, content: () => Content, change: object]>([
    [
      'edit',
      () => ({ edit: first, text: 'second', sealed: true }),
      { kind: 'edit', content: 'second', target: { fromMe: false } },
    ],
    ['poll_vote', () => ({ vote: ['mon'], to: first }), { kind: 'poll_vote', options: [sha256('mon')] }],
    ['event_answer', () => ({ answer: 'maybe', to: first }), { kind: 'event_answer', answer: 'maybe' }],
  ])('a sealed %s, which the secret of the message opens', async (use, content, expected) => {
    const message = await received(content());
    const { change } = message;
    if (change?.kind !== 'sealed') {
      throw new Error('not sealed');
    }
    const account = { phone: owner.number, lid: owner.lid };
    const opening = { change, message, account, author: undefined };

    expect(change).toMatchObject({ use, target: { messageId: first.id } });
    expect(harness.decoder.openSealed({ ...opening, secret: first.secret! })).toMatchObject(expected);
    expect(harness.decoder.openSealed({ ...opening, secret: randomBytes(32) })).toBeUndefined();
  });
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
