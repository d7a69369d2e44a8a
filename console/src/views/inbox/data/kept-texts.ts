import { useState } from 'react';
import { store } from '../../../app/store.ts';
import { useOrganizationId } from '../../../session/caller.ts';

/** So many drafts of an organization are kept, the latest. */
const MAX_DRAFTS = 200;

/** A text that is sent often. */
export interface QuickReply {
  id: string;
  text: string;
}

/** The drafts by contact, the latest at the end. */
type Drafts = readonly (readonly [contactId: string, text: string])[];

const draftsKey = (organizationId: string) => `auzap.drafts.${organizationId}`;
const repliesKey = (organizationId: string) => `auzap.quick-replies.${organizationId}`;

/** @returns what was begun to be written to a contact, and not sent */
export function draftOf(organizationId: string, contactId: string): string {
  return draftsOf(organizationId).find(([id]) => id === contactId)?.[1] ?? '';
}

/** What somebody writes to a contact: kept in the browser until it is sent. */
export function useDraft(contactId: string): [text: string, setText: (text: string) => void] {
  const organizationId = useOrganizationId();
  const [text, setText] = useState(() => draftOf(organizationId, contactId));
  const keep = (next: string) => {
    setText(next);
    const others = draftsOf(organizationId).filter(([id]) => id !== contactId);
    const drafts: Drafts = next.trim() === '' ? others : [...others, [contactId, next]];
    store.set(draftsKey(organizationId), JSON.stringify(drafts.slice(-MAX_DRAFTS)));
  };
  return [text, keep];
}

/** The texts of the organization that are sent often: kept in the browser. */
export function useQuickReplies(): [
  replies: readonly QuickReply[],
  setReplies: (replies: readonly QuickReply[]) => void,
] {
  const key = repliesKey(useOrganizationId());
  const [replies, setReplies] = useState(() => listIn(key).filter(isReply));
  const keep = (next: readonly QuickReply[]) => {
    setReplies([...next]);
    store.set(key, JSON.stringify(next));
  };
  return [replies, keep];
}

let lastRead: { kept: string | null; key: string; drafts: Drafts } | undefined;

/** Each row of the list of conversations asks for them, so they are read once as long as they are the same. */
function draftsOf(organizationId: string): Drafts {
  const key = draftsKey(organizationId);
  const kept = store.get(key);
  if (lastRead === undefined || lastRead.kept !== kept || lastRead.key !== key) {
    lastRead = { kept, key, drafts: listIn(key).filter(isDraft) };
  }
  return lastRead.drafts;
}

/** Whatever stands in the browser's storage. */
function listIn(key: string): unknown[] {
  try {
    const kept: unknown = JSON.parse(store.get(key) ?? '[]');
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

function isDraft(value: unknown): value is Drafts[number] {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string';
}

function isReply(value: unknown): value is QuickReply {
  const { id, text } = (value ?? {}) as Partial<QuickReply>;
  return typeof id === 'string' && typeof text === 'string';
}
