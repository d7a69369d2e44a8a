import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Random } from '../chaos/random.js';
import type { Account } from './account.js';
import {
  type Addressing,
  CHANGES,
  Contact,
  type ContactDevice,
  somethingToSay,
  type Users,
} from './contact.js';
import { setClock, takeChanceFrom } from './determinism.js';

/** Runs one step on both accounts and compares them. @returns what both did; undefined where both failed */
export type Both = <T>(
  name: string,
  work: (account: Account) => T | Promise<T>,
  isUnordered?: boolean,
) => Promise<T | undefined>;

/** Beyond what the fast lane passes over at once, and beyond what libsignal does. */
const JUMPS = [1, 2, 7, 63, 64, 65, 66, 130] as const;
const FAR_JUMP = 2_003;

/** What happens between an account and some people, by chance. */
export class History {
  private readonly random: Random;
  private readonly account: Account;
  private readonly both: Both;
  private readonly people: Contact[];
  private readonly own: Contact;
  /** Written and not delivered, oldest first. */
  private readonly underWay: BinaryNode[] = [];
  private readonly delivered: BinaryNode[] = [];
  private now = 1_700_000_000_000;
  private nextId = 1;
  private mode: Addressing;

  /**
   * @param random decides what happens
   * @param account that hands out bundles; both do the same
   * @param own the account's own addresses
   */
  constructor(random: Random, account: Account, own: Users, both: Both) {
    this.random = random;
    this.account = account;
    this.both = both;
    takeChanceFrom(random);
    this.people = Array.from(
      { length: random.integer(1, 3) },
      (_, index) =>
        new Contact(
          `person ${index + 1}`,
          { lid: `20000000000${index + 1}`, pn: `55219887766${index + 1}` },
          random.pick([[0], [0, 7], [0, 7, 12]]),
        ),
    );
    this.own = new Contact('us', own, [0, 9]);
    this.mode = random.pick(['lid', 'lid', 'pn']);
  }

  async run(steps: number): Promise<void> {
    setClock(this.now);
    await this.both('connect', (account) => account.connect(true));
    await this.acquaint();
    for (let done = 0; done < steps; done++) {
      await this.step();
    }
    await this.deliver('the rest', this.underWay.splice(0));
  }

  /** Most know each other already: only who was answered writes short messages. */
  private async acquaint(): Promise<void> {
    const known = [...this.people, this.own]
      .flatMap(({ devices }) => devices)
      .filter(() => this.random.chance(0.85));
    for (const device of known) {
      if (this.random.chance(0.2)) {
        await this.openSession(device, 'pn');
      }
      await this.deliver('a first message', [await this.write(device)]);
      await this.send('a first answer', device, []);
    }
  }

  private async step(): Promise<void> {
    this.now += this.random.pick([0, 0, 1, 40, 90_000]);
    setClock(this.now);
    const step = this.random.weighted<() => Promise<void>>([
      [() => this.someoneWrites(), 40],
      [() => this.someWrite(), 12],
      [() => this.late(), 8],
      [() => this.again(), 6],
      [() => this.spoiled(), 5],
      [() => this.changed(), 18],
      [() => this.answer(), 16],
      [() => this.answerMeanwhile(), 8],
      [() => this.ownDevice(), 3],
      [() => this.lose(), 3],
      [() => this.jump(), 2],
      [() => this.newKeys(), 3],
      [() => this.learn(), 6],
      [() => this.presence(), 2],
      [() => this.reconnect(), 2],
      [() => this.openSession(this.anyDevice(), this.random.pick(['lid', 'pn'])), 3],
    ]);
    await step();
  }

  // --- what people do

  private async someoneWrites(): Promise<void> {
    const count = this.random.pick([1, 1, 1, 2, 4]);
    const device = this.anyDevice();
    for (let written = 0; written < count; written++) {
      await this.deliver('a message', [await this.write(device)]);
    }
  }

  /** What comes in one go. */
  private async someWrite(): Promise<void> {
    const stanzas: BinaryNode[] = [];
    const device = this.random.chance(0.5) ? this.anyDevice() : undefined;
    for (let count = this.random.integer(2, 6); count > 0; count--) {
      stanzas.push(await this.write(device ?? this.anyDevice()));
    }
    await this.deliver('messages', stanzas);
  }

  private async late(): Promise<void> {
    const at = this.random.integer(0, this.underWay.length - 1);
    const [stanza] = this.underWay.splice(at, 1);
    await (stanza ? this.deliver('a late message', [stanza]) : this.hold());
  }

  private async hold(): Promise<void> {
    this.underWay.push(await this.write(this.anyDevice()));
  }

  private async lose(): Promise<void> {
    await this.write(this.anyDevice());
  }

  private async again(): Promise<void> {
    if (this.delivered.length > 0) {
      await this.deliver('a message again', [this.random.pick(this.delivered)]);
    }
  }

  private async spoiled(): Promise<void> {
    const stanza = await this.write(this.anyDevice());
    const spoil = (bytes: Buffer): Buffer => {
      const copy = Buffer.from(bytes);
      const at = this.random.pick([
        this.random.integer(0, copy.length - 1),
        copy.length - 1,
        copy.length - this.random.integer(1, 8),
      ]);
      copy[at]! ^= 1 << this.random.integer(0, 7);
      return this.random.chance(0.1) ? copy.subarray(0, this.random.integer(0, copy.length)) : copy;
    };
    const content = (stanza.content as BinaryNode[]).map((child) =>
      Buffer.isBuffer(child.content) ? { ...child, content: spoil(child.content) } : child,
    );
    await this.deliver('a spoiled message', [{ ...stanza, content }]);
    if (this.random.chance(0.5)) {
      await this.deliver('the same as it was', [stanza]);
    }
  }

  private async changed(): Promise<void> {
    const change = this.random.weighted(CHANGES);
    await this.deliver('another kind of stanza', [change(await this.write(this.anyDevice()))]);
  }

  /** What another device of the account wrote: to somebody, or to the others of its own. */
  private async ownDevice(): Promise<void> {
    const stanza = await this.write(this.random.pick(this.own.devices));
    const recipient = this.random.pick(this.people).jid(this.mode);
    const attrs = { ...stanza.attrs, ...(this.random.chance(0.6) && { recipient }) };
    await this.deliver('a message of our own', [{ ...stanza, attrs }]);
  }

  private async jump(): Promise<void> {
    const device = this.anyDevice();
    const count = this.random.chance(0.02) ? FAR_JUMP : this.random.pick(JUMPS);
    for (let passed = 0; passed < count; passed++) {
      const stanza = await this.write(device);
      if (this.random.chance(0.1)) {
        this.underWay.push(stanza);
      }
    }
    await this.deliver('a message after a gap', [await this.write(device)]);
  }

  private async newKeys(): Promise<void> {
    const device = this.anyDevice();
    const change = this.random.pick(['keys', 'keys', 'lid', 'session']);
    if (change === 'keys') {
      device.reinstall();
    } else if (change === 'lid') {
      device.contact.changeLid();
    }
    await this.deliver('a message under new keys', [await this.write(device, { isFresh: true })]);
  }

  // --- what the account does

  private async answer(): Promise<void> {
    const device = this.anyDevice();
    await this.send('an answer', device, []);
  }

  /**
   * Both at once: which comes first is for nobody to say, and what is stored in the end is the same. A message that turns the ratchet and
   * names both addresses comes before: an answer would be under the old key or the new one, and while the library learns that two addresses
   * are one person's, a message may find no session under the one or the other.
   */
  private async answerMeanwhile(): Promise<void> {
    const device = this.anyDevice();
    await this.deliver('a message before the answer', [await this.write(device, { isWhole: true })]);
    const stanzas: BinaryNode[] = [];
    for (let count = this.random.integer(1, 3); count > 0; count--) {
      stanzas.push(await this.write(this.random.chance(0.7) ? device : this.anyDevice()));
    }
    await this.send('an answer meanwhile', device, stanzas);
  }

  private async send(name: string, device: ContactDevice, meanwhile: BinaryNode[]): Promise<void> {
    const jid = device.address(this.mode);
    const data = somethingToSay(this.random);
    const id = this.newId();
    const pause = this.random.integer(0, 12);
    const has = await this.both('is there a session', (account) => account.hasSession(jid));
    if (!has) {
      await this.deliver('in place of an answer', meanwhile);
      return;
    }
    const sent = await this.both(
      name,
      async (account) => {
        const sending = account.send(jid, id, data);
        for (let passed = 0; passed < pause; passed++) {
          await Promise.resolve();
        }
        meanwhile.forEach((stanza) => account.deliver(stanza));
        return sending;
      },
      true,
    );
    this.delivered.push(...meanwhile);
    if (sent && this.random.chance(0.85)) {
      await device.peer.decrypt(this.account, sent.type, sent.ciphertext).catch(() => undefined);
    }
  }

  private async openSession(device: ContactDevice, addressing: Addressing): Promise<void> {
    const jid = device.address(addressing);
    takeChanceFrom(this.random);
    const bundle = device.peer.bundle();
    await this.both('a session of our own', (account) => account.open(jid, bundle));
  }

  private async learn(): Promise<void> {
    const contact = this.random.pick(this.people);
    const devices = contact.devices.map(({ device }) => String(device));
    const lid = this.random.chance(0.1) ? '299999999999@lid' : contact.jid('lid');
    await (this.random.chance(0.5)
      ? this.both('a pair of addresses', (account) => account.learn(lid, contact.jid('pn')))
      : this.both('devices', (account) => account.nameDevices(contact.user('pn'), devices)));
  }

  private async presence(): Promise<void> {
    const isOnline = this.random.chance(0.5);
    await this.both('presence', (account) => account.socket.ev.emit('connection.update', { isOnline }));
  }

  private async reconnect(): Promise<void> {
    const isComplete = this.random.chance(0.6);
    await this.both('a new connection', async (account) => {
      await account.disconnect();
      account.connect(isComplete);
    });
  }

  // --- stanzas

  private async deliver(name: string, stanzas: readonly BinaryNode[]): Promise<void> {
    if (stanzas.length > 0) {
      // Chats have turns: which of two is first depends on how long the one before them took.
      const isOfSeveral = new Set(stanzas.map(({ attrs }) => attrs['from'])).size > 1;
      const work = (account: Account) => stanzas.forEach((stanza) => account.deliver(stanza));
      await this.both(name, work, isOfSeveral);
      this.delivered.push(...stanzas);
    }
  }

  private async write(device: ContactDevice, { isFresh = false, isWhole = false } = {}): Promise<BinaryNode> {
    takeChanceFrom(this.random);
    const { type, ciphertext } = await device.encrypt(this.account, somethingToSay(this.random), isFresh);
    if (this.random.chance(0.03)) {
      this.mode = this.random.pick(['lid', 'pn']);
    }
    const other = this.mode === 'lid' ? 'pn' : 'lid';
    const attrs: Record<string, string> = {
      from: device.address(this.mode),
      type: 'text',
      id: this.newId(),
      t: String(Math.floor(this.now / 1_000)),
      notify: device.contact.name,
      ...((isWhole || this.random.chance(0.85)) && { [`sender_${other}`]: device.contact.jid(other) }),
      ...(this.random.chance(0.7) && { addressing_mode: this.mode }),
    };
    return { tag: 'message', attrs, content: [{ tag: 'enc', attrs: { v: '2', type }, content: ciphertext }] };
  }

  private anyDevice(): ContactDevice {
    return this.random.pick(this.random.pick(this.people).devices);
  }

  private newId(): string {
    return `3EB0${String(this.nextId++).padStart(16, '0')}`;
  }
}
