import type { BinaryNode } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import type { GroupChange } from '../../common/groups.js';
import { readGroupNotice, readGroupState } from './group-notice.js';

const ANA = { phone: '5511988887777', lid: '222' };
const participant = (jid: string, phone?: string): BinaryNode => ({
  tag: 'participant',
  attrs: { jid, ...(phone && { phone_number: phone }) },
});
const ana = participant('222@lid', '5511988887777@s.whatsapp.net');
const attrs = {
  id: 'N1',
  type: 'w:gp2',
  from: '1203@g.us',
  participant: '222:3@lid',
  participant_pn: '5511988887777@s.whatsapp.net',
  t: '1767225600',
};
const notice = (tag: string, content?: BinaryNode[], more: Record<string, string> = {}): BinaryNode => ({
  tag: 'notification',
  attrs,
  content: [{ tag, attrs: more, ...(content && { content }) }],
});

describe('what WhatsApp tells of a group', () => {
  it.each<[string, BinaryNode, GroupChange]>([
    ['a name', notice('subject', undefined, { subject: 'Us' }), { kind: 'subject', subject: 'Us' }],
    [
      'a name with what can not be stored',
      notice('subject', undefined, { subject: 'a\0b\ud800' }),
      { kind: 'subject', subject: 'ab\ufffd' },
    ],
    ['who comes', notice('add', [participant('333@lid')]), { kind: 'add', people: [{ lid: '333' }] }],
    ['who goes', notice('remove', [participant('333@lid')]), { kind: 'remove', people: [{ lid: '333' }] }],
    ['who leaves', notice('remove', [ana]), { kind: 'leave', people: [ANA] }],
    ['who leads', notice('promote', [ana]), { kind: 'promote', people: [ANA] }],
    ['nobody who is a person', notice('add', [participant('1203@g.us')]), { kind: 'add' }],
    [
      'a new one',
      notice('create', [{ tag: 'group', attrs: { id: '1203', subject: 'Us' }, content: [ana] }]),
      { kind: 'create', subject: 'Us', people: [ANA] },
    ],
  ])('%s', (_name, stanza, change) => {
    expect(readGroupNotice(stanza)).toEqual({
      jid: '1203@g.us',
      id: 'N1',
      at: new Date('2026-01-01T00:00:00Z'),
      by: ANA,
      changes: [change],
    });
  });

  it.each<[string, BinaryNode]>([
    ['of a kind that is not kept', notice('announcement')],
    ['of nothing', { tag: 'notification', attrs }],
    ['without an id', { ...notice('subject'), attrs: { ...attrs, id: '' } }],
  ])('is nothing where it is %s', (_name, stanza) => {
    expect(readGroupNotice(stanza)).toBeUndefined();
  });

  it('is bounded', () => {
    const many = Array.from({ length: 6_000 }, (_, index) => participant(`${index + 1}@lid`));
    const [change] = readGroupNotice(notice('add', many, { subject: 'x'.repeat(100_000) }))!.changes;

    expect([change!.people!.length, change!.subject!.length]).toEqual([5_000, 256]);
  });
});

it('says who is in a group, and who made it', () => {
  const state = readGroupState({
    id: '1203@g.us',
    subject: 'Us',
    desc: 'x'.repeat(10_000),
    owner: '222@lid',
    ownerPn: '5511988887777@s.whatsapp.net',
    participants: [
      { id: '222@lid', phoneNumber: '5511988887777@s.whatsapp.net', admin: 'superadmin' },
      { id: '333@lid', admin: 'admin' },
      { id: '5511966665555@s.whatsapp.net', lid: '444@lid', admin: null },
      { id: 'nobody' },
    ],
  });

  expect(state).toMatchObject({
    subject: 'Us',
    owner: ANA,
    members: [
      { ...ANA, role: 'owner' },
      { lid: '333', role: 'admin' },
      { phone: '5511966665555', lid: '444', role: 'member' },
    ],
  });
  expect([state.members.length, state.description!.length]).toEqual([3, 4_096]);
});
