import { randomBytes } from 'node:crypto';
import { setImmediate as pause } from 'node:timers/promises';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isBaileysFault } from '../../src/baileys/patches/process-guards.js';
import type { Instance } from '../../src/repositories/instance.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { Connection } from '../../src/simulator/server/connection/connection.js';
import { SessionsHarness } from '../support/sessions-harness.js';

let harness: SessionsHarness;
let owner: Phone;
let ana: Phone;
let instance: Instance;
/** What the process guards would have contained, and what they would not. */
let leaked: { contained: number; others: unknown[] };
let restore: () => void;

beforeAll(async () => {
  harness = await SessionsHarness.start((settings) => {
    // Most of these end the line, one after the other.
    settings.breaker.failures = 1_000;
  });
  owner = harness.sim.addPhone({ number: '5511999887766', name: 'Clinic' });
  ana = harness.sim.addPhone({ number: '5521988776655', name: 'Ana' });
  instance = await harness.linked(owner);
  leaked = { contained: 0, others: [] };
  restore = guardProcess();
});

afterAll(async () => {
  await harness.stop();
  restore();
});

/** In the place of the test runner's own listeners, as the service has its process guards. */
function guardProcess(): () => void {
  const events = ['unhandledRejection', 'uncaughtException'] as const;
  const before = events.map((event) => process.rawListeners(event));
  const guard = (reason: unknown) => {
    if (isBaileysFault(reason)) {
      leaked.contained += 1;
    } else {
      leaked.others.push(reason);
    }
  };
  events.forEach((event) => process.removeAllListeners(event).on(event, guard));
  return () => {
    events.forEach((event, index) => {
      process.removeAllListeners(event);
      before[index]!.forEach((listener) => process.on(event, listener as () => void));
    });
  };
}

/** The same numbers each time. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The session's line, once it is back from what the test before did to it. */
async function line(): Promise<Connection> {
  const device = owner.devices[0]!;
  if (!device.connected || harness.sessions.summary().connected === 0) {
    const isBack = () =>
      harness.sessions.summary().connected === 1 || Promise.reject(new Error('not back on line'));
    await vi.waitFor(isBack, { timeout: 30_000 });
  }
  return device.connection!;
}

const TAGS = [
  'message',
  'receipt',
  'notification',
  'call',
  'ack',
  'ib',
  'iq',
  'presence',
  'chatstate',
  'success',
  'x',
];
const CHILDREN = [
  'enc',
  'unavailable',
  'offer',
  'list',
  'item',
  'retry',
  'add',
  'remove',
  'set',
  'devices',
  'tokens',
];
const TYPES = [
  'text',
  'retry',
  'read',
  'played',
  'encrypt',
  'w:gp2',
  'server_sync',
  'devices',
  'account_sync',
  'picture',
];
const ADDRESSES = [
  '5521988776655@s.whatsapp.net',
  '5511999887766:99@s.whatsapp.net',
  '123@lid',
  '',
  'a b c',
  'status@broadcast',
  '1203630@g.us',
  '0@newsletter',
  's.whatsapp.net',
];
const NAMES = [
  'id',
  'from',
  'to',
  'type',
  'participant',
  'recipient',
  'sender_lid',
  'sender_pn',
  't',
  'notify',
  'offline',
];

function hostileNode(random: () => number, depth = 0): BinaryNode {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const attrs: Record<string, string> = {};
  for (const name of NAMES) {
    if (random() < 0.5) {
      attrs[name] = pick([
        pick(ADDRESSES),
        pick(TYPES),
        String(random() * 1e12),
        '-1',
        'x'.repeat(300),
        '\u0000',
        '🙂',
      ]);
    }
  }
  const tag = depth === 0 ? pick(TAGS) : pick(CHILDREN);
  const kind = random();
  if (kind < 0.3 || depth > 3) {
    return { tag, attrs };
  }
  if (kind < 0.6) {
    return {
      tag,
      attrs,
      content: Buffer.from(Array.from({ length: Math.floor(random() * 200) }, () => random() * 256)),
    };
  }
  const count = random() < 0.03 ? 2_000 : Math.floor(random() * 4);
  const depthBelow = count > 100 ? 9 : depth + 1;
  return { tag, attrs, content: Array.from({ length: count }, () => hostileNode(random, depthBelow)) };
}

/** @returns what came of these messages: each is to be stored once, in order, whatever the session made of it all */
async function received(texts: string[]): Promise<string[]> {
  const sent = await Promise.all(texts.map((text) => ana.writes(owner, text)));
  await Promise.all(sent.map((message) => message.acknowledged()));
  return (await harness.inbox(instance)).map(({ text }) => text ?? '').filter((text) => texts.includes(text));
}

describe('hostile stanzas', () => {
  it.each([1, 2, 3])(
    'by the hundred end neither process nor session, and cost no message (seed %i)',
    async (seed) => {
      const random = randomOf(seed);
      const name = (text: string | number) => `${seed} ${text}`;
      await line();
      const before = await ana.writes(owner, name('before'));
      const between = [];
      for (let index = 0; index < 300; index++) {
        (await line()).send(hostileNode(random));
        if (index % 10 === 0) {
          await pause();
        }
        if (index % 60 === 30) {
          between.push(await ana.writes(owner, name(index)));
        }
      }
      await Promise.all([before, ...between].map((message) => message.acknowledged()));

      expect(await received([name('after'), name('all')])).toEqual([name('after'), name('all')]);
      expect(leaked.others).toEqual([]);
      const texts = (await harness.inbox(instance)).map(({ text }) => text);
      for (const text of ['before', 30, 90, 150, 210, 270].map(name)) {
        expect(texts.filter((found) => found === text)).toHaveLength(1);
      }
    },
  );

  it.each<[string, BinaryNode]>([
    ['a message without any attribute', { tag: 'message', attrs: {} }],
    ['a message from nobody', { tag: 'message', attrs: { id: '1', from: '', type: 'text' } }],
    [
      'a message whose ciphertext is empty',
      {
        tag: 'message',
        attrs: { id: '2', from: '123@lid', type: 'text', t: '1' },
        content: [{ tag: 'enc', attrs: { type: 'pkmsg', v: '2' }, content: Buffer.alloc(0) }],
      },
    ],
    [
      'a message of a megabyte',
      {
        tag: 'message',
        attrs: { id: '3', from: '123@lid', type: 'text', t: '1' },
        content: [{ tag: 'enc', attrs: { type: 'msg', v: '2' }, content: randomBytes(1024 * 1024) }],
      },
    ],
    [
      'a message with thousands of children',
      {
        tag: 'message',
        attrs: { id: '4', from: '123@lid', type: 'text', t: '1' },
        content: Array.from({ length: 5_000 }, () => ({ tag: 'enc', attrs: {}, content: Buffer.of(1) })),
      },
    ],
    [
      'a retry receipt without its parts',
      {
        tag: 'receipt',
        attrs: { id: '5', from: '123@lid', type: 'retry' },
        content: [{ tag: 'retry', attrs: {} }],
      },
    ],
    ['a receipt without any attribute', { tag: 'receipt', attrs: {} }],
    ['a notification without any attribute', { tag: 'notification', attrs: {} }],
    [
      'a demand for pre-keys that makes no sense',
      {
        tag: 'notification',
        attrs: { id: '6', from: 's.whatsapp.net', type: 'encrypt' },
        content: [{ tag: 'count', attrs: { value: 'many' } }],
      },
    ],
    ['a call without content', { tag: 'call', attrs: { id: '7', from: '123@lid' } }],
    [
      'an end of the backlog without a count',
      { tag: 'ib', attrs: {}, content: [{ tag: 'offline', attrs: {} }] },
    ],
    ['routing without information', { tag: 'ib', attrs: {}, content: [{ tag: 'edge_routing', attrs: {} }] }],
    ['an error without a code', { tag: 'stream:error', attrs: {} }],
    ['a failure without a reason', { tag: 'failure', attrs: {} }],
    ['an end', { tag: 'xmlstreamend', attrs: {} }],
    [
      'a pairing',
      { tag: 'iq', attrs: { type: 'set', id: '8' }, content: [{ tag: 'pair-success', attrs: {} }] },
    ],
    ['a second login', { tag: 'success', attrs: {} }],
  ])('%s', async (name, stanza) => {
    (await line()).send(stanza);

    expect(await received([`after ${name}`])).toEqual([`after ${name}`]);
    expect(leaked.others).toEqual([]);
  });
});

describe('frames that are no stanzas', () => {
  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.of(0)],
    ['noise', randomBytes(200)],
    ['a list that promises more than it has', Buffer.from('00f9ffff010203', 'hex')],
    ['compressed noise', Buffer.concat([Buffer.of(2), randomBytes(64)])],
  ])('%s', async (name, bytes) => {
    const { transport, socket } = (await line()) as unknown as {
      transport: { encrypt(bytes: Buffer): Buffer };
      socket: { write(bytes: Buffer): void };
    };
    const sealed = transport.encrypt(bytes);
    const head = Buffer.of(sealed.length >> 16, (sealed.length >> 8) & 0xff, sealed.length & 0xff);
    socket.write(Buffer.concat([head, sealed]));

    expect(await received([`after ${name}`])).toEqual([`after ${name}`]);
    expect(leaked.others).toEqual([]);
  });
});
