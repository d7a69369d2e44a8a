import type { ContentClass, ReceivedMessage } from '../common/inbox.js';
import type { MessageChange, SealedUse } from '../common/message-change.js';
import type { OwnerDirectory } from './owner-directory.js';

/**
 * What becomes of a message: a client's message, the placeholder of one, an internal note, a message of a group, an entry in the loss ledger, or
 * nothing.
 */
export type RoutingAction =
  'client' | 'placeholder' | 'owner_note' | 'group' | 'change' | 'undecrypted' | 'history' | 'skip';

/** What becomes of a message, and the name of the rule that said so. */
export interface RoutingDecision {
  action: RoutingAction;
  reason: string;
}

interface Rule extends RoutingDecision {
  applies(message: ReceivedMessage, owners: OwnerDirectory): boolean;
}

/** The rule of each kind of change. */
const CHANGES: Readonly<Record<Exclude<MessageChange['kind'], 'sealed'> | SealedUse, string>> = {
  edit: 'edit',
  delete: 'deletion',
  reaction: 'reaction',
  poll_vote: 'poll_vote',
  event_answer: 'event_answer',
  pin: 'pin',
  keep: 'keep',
  live_location: 'live_location',
  comment: 'comment',
};

/** The first rule that applies decides. What is never shown comes first, so that not even the owner's own becomes a note. */
const RULES: readonly Rule[] = [
  { reason: 'history', action: 'history', applies: (message) => message.contentClass === 'history' },
  { reason: 'peer_traffic', action: 'skip', applies: (message) => message.isPeerTraffic },
  // Nothing that anybody would have seen.
  {
    reason: 'hidden_unread',
    action: 'skip',
    applies: ({ contentClass, isHidden }) => contentClass === 'undecryptable' && isHidden === true,
  },
  // Nothing is lost: it is on the phone, and only there.
  {
    reason: 'view_once',
    action: 'placeholder',
    applies: (message, owners) => message.placeholder === 'view_once' && isOfClient(message, owners),
  },
  {
    reason: 'own_view_once',
    action: 'owner_note',
    applies: ({ placeholder, chatKind }) =>
      placeholder === 'view_once' && (chatKind === 'direct' || chatKind === 'self'),
  },
  {
    reason: 'view_once_in_group',
    action: 'group',
    applies: ({ placeholder, chatKind }) => placeholder === 'view_once' && chatKind === 'group',
  },
  {
    reason: 'undecryptable',
    action: 'placeholder',
    applies: (message, owners) => message.contentClass === 'undecryptable' && isOfClient(message, owners),
  },
  { reason: 'undecryptable_elsewhere', action: 'undecrypted', applies: holds('undecryptable') },
  { reason: 'status', action: 'skip', applies: (message) => message.chatKind === 'status' },
  { reason: 'broadcast', action: 'skip', applies: (message) => message.chatKind === 'broadcast' },
  { reason: 'newsletter', action: 'skip', applies: (message) => message.chatKind === 'newsletter' },
  { reason: 'bot', action: 'skip', applies: (message) => message.chatKind === 'bot' },
  { reason: 'unknown_chat', action: 'skip', applies: (message) => message.chatKind === 'other' },
  { reason: 'protocol', action: 'skip', applies: holds('protocol') },
  { reason: 'key_distribution', action: 'skip', applies: holds('key_distribution') },
  ...Object.values(CHANGES).map((reason): Rule => ({
    reason,
    action: reason === 'comment' ? 'skip' : 'change',
    applies: changes(reason),
  })),
  // WhatsApp says of it that nothing is to be shown: whatever kind it is.
  { reason: 'hidden', action: 'skip', applies: (message) => message.isHidden === true },
  { reason: 'empty', action: 'skip', applies: holds('empty') },
  { reason: 'group', action: 'group', applies: (message) => message.chatKind === 'group' },
  // Stands in the conversation where there is one; a call alone makes nobody a contact.
  { reason: 'call', action: 'owner_note', applies: holds('call') },
  {
    reason: 'from_me',
    action: 'owner_note',
    applies: (message) => message.fromMe || message.chatKind === 'self',
  },
  {
    reason: 'from_owner',
    action: 'owner_note',
    applies: (message, owners) => owners.includes(message.sender),
  },
  { reason: 'unknown_sender', action: 'skip', applies: ({ peer }) => !peer?.phone && !peer?.lid },
  { reason: 'client', action: 'client', applies: () => true },
];

/** The names of all rules, in the order in which they are asked. */
export const ROUTING_REASONS: readonly string[] = RULES.map((rule) => rule.reason);

/**
 * @param message a decoded message
 * @param owners of the organization that received it
 * @returns what becomes of it
 */
export function classifyMessage(message: ReceivedMessage, owners: OwnerDirectory): RoutingDecision {
  const { action, reason } = RULES.find((rule) => rule.applies(message, owners))!;
  return { action, reason };
}

/** Whatever it says, a client wrote it. */
function isOfClient({ chatKind, fromMe, sender, peer }: ReceivedMessage, owners: OwnerDirectory): boolean {
  const isKnown = peer?.phone !== undefined || peer?.lid !== undefined;
  return chatKind === 'direct' && !fromMe && isKnown && !owners.includes(sender);
}

function holds(contentClass: ContentClass): Rule['applies'] {
  return (message) => message.contentClass === contentClass;
}

function changes(reason: string): Rule['applies'] {
  return ({ change }) =>
    change !== undefined && CHANGES[change.kind === 'sealed' ? change.use : change.kind] === reason;
}
