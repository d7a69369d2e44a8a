import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReceivedMessage } from '../../src/common/inbox.js';
import type { Instance } from '../../src/repositories/instance.js';
import type { Content } from '../../src/simulator/phones/message-content.js';
import type { Phone, WriteOptions } from '../../src/simulator/phones/phone.js';
import { SessionsHarness } from '../support/sessions-harness.js';

let harness: SessionsHarness;
let instance: Instance;
let owner: Phone;
let ana: Phone;

beforeAll(async () => {
  harness = await SessionsHarness.start();
  owner = harness.sim.addPhone({ number: '5511999887766', name: 'Clinic' });
  ana = harness.sim.addPhone({ number: '5521988776655', name: 'Ana' });
  instance = await harness.linked(owner);
});

afterAll(async () => {
  await harness.stop();
});

async function received(id: string): Promise<ReceivedMessage | undefined> {
  return (await harness.inbox(instance)).find(({ messageId }) => messageId === id);
}

/** @returns what the inbox holds once it was written and acknowledged */
async function write(content: Content, options: WriteOptions = {}): Promise<ReceivedMessage | undefined> {
  const sent = await ana.writes(owner, content, options);
  await sent.acknowledged();
  return received(sent.id);
}

describe('over the wire', () => {
  it.each<[string, Content, object]>([
    [
      'a voice note',
      { audio: { ptt: true, seconds: 5 } },
      { type: 'voice', media: { kind: 'voice', mediaKey: expect.any(Uint8Array) as unknown } },
    ],
    ['a picture to be seen once', { image: {}, viewOnce: true }, { type: 'image', isViewOnce: true }],
    [
      'a location',
      { location: { latitude: 1.5, longitude: 2.5, name: 'Bar' } },
      { type: 'location', metadata: { latitude: 1.5, longitude: 2.5, name: 'Bar' } },
    ],
    [
      'a poll',
      { poll: { question: 'When?', options: ['Mon', 'Tue'] } },
      { type: 'poll', secret: expect.any(Uint8Array) as unknown },
    ],
    [
      'a tap on an ad',
      { text: '', ad: { title: 'Cuts', url: 'https://fb.me/1' } },
      { contentClass: 'text', text: expect.stringContaining('[ad] Cuts') as unknown },
    ],
  ])('reads %s', async (_name, content, details) => {
    expect(await write(content)).toMatchObject(details);
  });

  it('reads what is done to a message, and leaves sealed what is sealed', async () => {
    const first = await ana.writes(owner, 'first');
    await first.acknowledged();
    const target = { messageId: first.id, fromMe: false };

    const changes = [
      await write({ edit: first, text: 'second' }),
      await write({ edit: first, text: 'third', sealed: true }),
      await write({ reaction: '👍', to: first }),
      await write({ revoke: first }),
    ];

    expect(changes.map((message) => message?.change)).toMatchObject([
      { kind: 'edit', target, content: 'second' },
      { kind: 'sealed', use: 'edit', target },
      { kind: 'reaction', target, emoji: '👍' },
      { kind: 'delete', target },
    ]);
  });

  it('knows what is to be seen once on the phone alone', async () => {
    const sent = await ana.writes(owner, { image: {} }, { unavailable: 'view_once' });
    await expect.poll(() => received(sent.id)).toBeDefined();

    expect(await received(sent.id)).toMatchObject({
      contentClass: 'undecryptable',
      placeholder: 'view_once',
    });
  });

  it('hides what a later version of WhatsApp hides', async () => {
    const raw = { chat: { displayName: 'nobody knows' } };

    expect(await write({ raw, hideFailure: true })).toMatchObject({ isHidden: true });
    expect((await write({ raw }))?.isHidden).toBeUndefined();
  });
});
