import {
  type BinaryNode,
  type GroupMetadata,
  getBinaryNodeChild,
  getBinaryNodeChildren,
} from '@whiskeysockets/baileys';
import type { PersonAddress } from '../../common/inbox.js';
import {
  GROUP_CHANGE_KINDS,
  type GroupChange,
  type GroupChangeKind,
  type GroupMember,
  type GroupState,
} from '../../common/groups.js';
import { isSamePerson, personOf } from './message-addresses.js';
import { cleanMessageId, cleanText } from './message-cleaning.js';

/** What somebody changed of a group, as WhatsApp told it. */
export interface GroupNotice {
  jid: string;
  /** Names the notice, which may come twice. */
  id: string;
  at: Date;
  by: PersonAddress;
  changes: GroupChange[];
}

/** More than WhatsApp lets into a group, or a community. */
const MAX_PEOPLE = 5_000;
/** WhatsApp takes 100 characters of a subject and 2,048 of a description. */
const MAX_SUBJECT_LENGTH = 256;
const MAX_DESCRIPTION_LENGTH = 4_096;
const KINDS: ReadonlySet<string> = new Set(GROUP_CHANGE_KINDS);

/**
 * @param stanza a `<notification>`
 * @returns what is kept of it; undefined of one that tells nothing about members or subject of a group
 */
export function readGroupNotice({ attrs, content }: BinaryNode): GroupNotice | undefined {
  const { from, id, t = '' } = attrs;
  if (!from || !id || !Array.isArray(content)) {
    return undefined;
  }
  const by = personOf(attrs['participant'], attrs['participant_pn'], attrs['participant_lid']);
  const changes = content.filter(({ tag }) => KINDS.has(tag)).map((child) => toChange(child, by));
  const at = /^\d{1,10}$/.test(t) ? new Date(Number(t) * 1000) : new Date();
  return changes.length > 0 ? { jid: from, id: cleanMessageId(id), at, by, changes } : undefined;
}

/** @returns what is kept of what WhatsApp says of a group */
export function readGroupState(metadata: GroupMetadata): GroupState {
  const members = metadata.participants
    .slice(0, MAX_PEOPLE)
    .map(({ id, phoneNumber, lid, admin }): GroupMember => ({
      ...personOf(id, phoneNumber, lid),
      role: admin === 'superadmin' ? 'owner' : admin === 'admin' ? 'admin' : 'member',
    }));
  return {
    subject: cut(metadata.subject, MAX_SUBJECT_LENGTH),
    description: cut(metadata.desc, MAX_DESCRIPTION_LENGTH),
    owner: personOf(metadata.owner, metadata.ownerPn),
    members: members.filter(isKnown),
  };
}

function toChange(child: BinaryNode, by: PersonAddress): GroupChange {
  const group = getBinaryNodeChild(child, 'group') ?? child;
  const people = getBinaryNodeChildren(group, 'participant')
    .slice(0, MAX_PEOPLE)
    .map(({ attrs }) => personOf(attrs['jid'], attrs['phone_number'], attrs['lid']))
    .filter(isKnown);
  const subject = cut(group.attrs['subject'], MAX_SUBJECT_LENGTH);
  return {
    kind: kindOf(child.tag as GroupChangeKind, people, by),
    ...(subject !== undefined && { subject }),
    ...(people.length > 0 && { people }),
  };
}

/** Whoever takes himself out leaves. */
function kindOf(kind: GroupChangeKind, people: PersonAddress[], by: PersonAddress): GroupChangeKind {
  const [only] = people;
  const isLeaving = kind === 'remove' && people.length === 1 && only && isSamePerson(only, by);
  return isLeaving ? 'leave' : kind;
}

function isKnown({ phone, lid }: PersonAddress): boolean {
  return phone !== undefined || lid !== undefined;
}

function cut(text: string | undefined, length: number): string | undefined {
  return text === undefined ? undefined : cleanText(text.slice(0, length));
}
