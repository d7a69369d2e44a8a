import { randomBytes } from 'node:crypto';
import { node, unixSeconds } from '../protocol/node.js';
import type { BinaryNode } from '../protocol/node.js';
import type { Phone } from '../phones/phone.js';

/** How its members are changed; each is told to all. */
export type MemberChange = 'add' | 'remove' | 'promote' | 'demote';

/** A group: who is in it and what it is called. What is changed of it is told to the linked clients of all members. */
export class Group {
  readonly id = `1203630${randomBytes(5).readUIntBE(0, 5).toString().padStart(13, '0')}@g.us`;
  readonly createdAt = new Date();
  readonly admins = new Set<Phone>();
  private people: readonly Phone[];

  /** @param members the first one created it */
  constructor(
    private name: string,
    members: readonly Phone[],
  ) {
    this.people = [...members];
  }

  get subject(): string {
    return this.name;
  }

  get members(): readonly Phone[] {
    return this.people;
  }

  /** Tells that it was made, to those who are linked already. */
  announces(): void {
    this.tell(this.owner, node('create', { type: 'new', key: 'sim' }, [this.toNode()]));
  }

  renames(by: Phone, subject: string): void {
    this.name = subject;
    this.tell(by, node('subject', { subject, s_t: unixSeconds(), s_o: by.address('lid') }));
  }

  adds(by: Phone, ...phones: Phone[]): void {
    this.people = [...this.people, ...phones.filter((phone) => !this.people.includes(phone))];
    this.change('add', by, phones);
  }

  /** Also whoever takes himself out, who leaves. */
  removes(by: Phone, ...phones: Phone[]): void {
    const told = this.people;
    this.people = this.people.filter((phone) => !phones.includes(phone));
    // What is written from now on is not for them.
    told.forEach((phone) => phone.groupKeys.renew(this.id));
    this.change('remove', by, phones, told);
  }

  promotes(by: Phone, ...phones: Phone[]): void {
    phones.forEach((phone) => this.admins.add(phone));
    this.change('promote', by, phones);
  }

  demotes(by: Phone, ...phones: Phone[]): void {
    phones.forEach((phone) => this.admins.delete(phone));
    this.change('demote', by, phones);
  }

  /** As queries for its metadata are answered. */
  toNode(): BinaryNode {
    const created = unixSeconds(this.createdAt);
    const participants = this.people.map((member) =>
      node('participant', {
        jid: member.address('lid'),
        phone_number: member.address('pn'),
        type: member === this.owner ? 'superadmin' : this.admins.has(member) ? 'admin' : undefined,
      }),
    );
    const attrs = {
      id: this.id.replace(/@.*/, ''),
      subject: this.name,
      s_t: created,
      s_o: this.owner?.address('lid'),
      creation: created,
      creator: this.owner?.address('lid'),
      creator_pn: this.owner?.address('pn'),
      addressing_mode: 'lid',
      size: String(this.people.length),
    };
    return node('group', attrs, participants);
  }

  private get owner(): Phone | undefined {
    return this.people[0];
  }

  private change(tag: MemberChange, by: Phone, phones: readonly Phone[], told = this.people): void {
    const participants = phones.map((phone) =>
      node('participant', { jid: phone.address('lid'), phone_number: phone.address('pn') }),
    );
    this.tell(by, node(tag, {}, participants), told);
  }

  private tell(by: Phone | undefined, what: BinaryNode, told = this.people): void {
    const attrs = {
      id: randomBytes(8).toString('hex').toUpperCase(),
      type: 'w:gp2',
      from: this.id,
      participant: by?.address('lid'),
      participant_pn: by?.address('pn'),
      addressing_mode: 'lid',
      t: unixSeconds(),
    };
    for (const device of told.flatMap(({ devices }) => devices)) {
      device.queue.offer({ stanza: node('notification', attrs, [what]) });
    }
  }
}
