import { proto } from '@whiskeysockets/baileys';
import { CONTACT_KINDS } from './message-contact-kinds.js';
import type { MessageKinds } from './message-kind.js';
import { PLACE_KINDS } from './message-place-kinds.js';
import { POLL_KINDS } from './message-poll-kinds.js';
import { TRADE_KINDS } from './message-trade-kinds.js';
import { isoTime, lines, minutes, summary, wholeNumber } from './message-words.js';

const { CallOutcome } = proto.Message.CallLogMessage;

/** How a call ended, in words. */
const OUTCOMES = new Map<proto.Message.CallLogMessage.CallOutcome, string>([
  [CallOutcome.CONNECTED, 'answered'],
  [CallOutcome.MISSED, 'missed'],
  [CallOutcome.FAILED, 'failed'],
  [CallOutcome.REJECTED, 'declined'],
  [CallOutcome.ACCEPTED_ELSEWHERE, 'answered_elsewhere'],
  [CallOutcome.ONGOING, 'ongoing'],
  [CallOutcome.SILENCED_BY_DND, 'silenced'],
  [CallOutcome.SILENCED_UNKNOWN_CALLER, 'silenced'],
]);

const INVITES: MessageKinds = {
  groupInviteMessage: {
    type: 'group_invite',
    contentClass: 'other',
    describe: (m) => summary('group invite', m.groupName, m.caption),
    metadata: (m) => ({
      group_id: m.groupJid,
      name: m.groupName,
      code: m.inviteCode,
      expires_at: isoTime(m.inviteExpiration, 'seconds'),
      caption: m.caption,
    }),
  },
  newsletterAdminInviteMessage: {
    type: 'group_invite',
    contentClass: 'other',
    describe: (m) => summary('channel invite', m.newsletterName, m.caption),
    metadata: (m) => ({ channel_id: m.newsletterJid, name: m.newsletterName, caption: m.caption }),
  },
  newsletterFollowerInviteMessageV2: {
    type: 'group_invite',
    contentClass: 'other',
    describe: (m) => summary('channel invite', m.newsletterName, m.caption),
    metadata: (m) => ({ channel_id: m.newsletterJid, name: m.newsletterName, caption: m.caption }),
  },
};

const CALLS: MessageKinds = {
  callLogMesssage: {
    type: 'call',
    contentClass: 'call',
    describe: (m) => {
      const outcome = outcomeOf(m).replace('_', ' ');
      const duration = wholeNumber(m.durationSecs);
      return summary(m.isVideo ? 'video call' : 'call', outcome, duration ? minutes(duration) : undefined);
    },
    metadata: (m) => ({
      outcome: outcomeOf(m),
      is_video: m.isVideo ?? false,
      seconds: wholeNumber(m.durationSecs),
    }),
  },
  scheduledCallCreationMessage: {
    type: 'event',
    contentClass: 'other',
    describe: (m) => summary('scheduled call', m.title, isoTime(m.scheduledTimestampMs, 'milliseconds')),
    metadata: (m) => ({
      name: m.title,
      is_call: true,
      is_video: m.callType === proto.Message.ScheduledCallCreationMessage.CallType.VIDEO,
      starts_at: isoTime(m.scheduledTimestampMs, 'milliseconds'),
    }),
  },
};

/** Kinds that a person sent and that are neither words nor a file. */
export const OTHER_KINDS: MessageKinds = {
  ...PLACE_KINDS,
  ...CONTACT_KINDS,
  ...POLL_KINDS,
  ...TRADE_KINDS,
  ...INVITES,
  ...CALLS,
  requestPhoneNumberMessage: {
    type: 'text',
    contentClass: 'other',
    describe: () => '[phone number request]',
  },
  // Linked devices get no more than this of some messages.
  placeholderMessage: {
    type: 'unsupported',
    contentClass: 'other',
    describe: () => '[message that only the phone shows]',
  },
  richResponseMessage: {
    type: 'text',
    contentClass: 'other',
    describe: (m) => lines(...(m.submessages ?? []).map(({ messageText }) => messageText)) || '[answer]',
  },
};

function outcomeOf({ callOutcome }: proto.Message.ICallLogMessage): string {
  return OUTCOMES.get(callOutcome ?? CallOutcome.CONNECTED) ?? 'unknown';
}
