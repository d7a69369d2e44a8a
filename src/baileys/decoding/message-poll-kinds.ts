import type { proto } from '@whiskeysockets/baileys';
import type { MessageKind, MessageKinds } from './message-kind.js';
import { placeOf } from './message-place-kinds.js';
import { isoTime, lines, summary, wholeNumber } from './message-words.js';

type Poll = proto.Message.IPollCreationMessage;
type PollResult = proto.Message.IPollResultSnapshotMessage;

/** Phones offer twelve. */
const MAX_OPTIONS = 100;

const POLL = {
  type: 'poll',
  contentClass: 'other',
  describe: (m: Poll) =>
    lines(summary('poll', m.name), ...optionsOf(m).map(({ optionName }) => `- ${optionName ?? ''}`)),
  metadata: (m: Poll) => ({
    question: m.name,
    options: optionsOf(m).map(({ optionName }) => ({ name: optionName ?? '', votes: 0 })),
    // 0 is as many as one likes.
    selectable: m.selectableOptionsCount ?? 0,
    correct_answer: m.correctAnswer?.optionName,
  }),
} as const satisfies MessageKind<'pollCreationMessage'>;

const POLL_RESULT = {
  type: 'poll',
  contentClass: 'other',
  describe: (m: PollResult) =>
    lines(summary('poll results', m.name), ...resultsOf(m).map(({ name, votes }) => `- ${name}: ${votes}`)),
  metadata: (m: PollResult) => ({ question: m.name, options: resultsOf(m), is_result: true }),
} as const satisfies MessageKind<'pollResultSnapshotMessage'>;

/** Kinds that ask everybody in the chat for an answer. */
export const POLL_KINDS: MessageKinds = {
  pollCreationMessage: POLL,
  pollCreationMessageV2: POLL,
  pollCreationMessageV3: POLL,
  pollCreationMessageV5: POLL,
  pollResultSnapshotMessage: POLL_RESULT,
  pollResultSnapshotMessageV3: POLL_RESULT,
  eventMessage: {
    type: 'event',
    contentClass: 'other',
    describe: (m) =>
      summary(
        m.isCanceled ? 'event cancelled' : 'event',
        m.name,
        isoTime(m.startTime, 'seconds'),
        m.description,
        m.location?.name,
        m.joinLink,
      ),
    metadata: (m) => ({
      name: m.name,
      description: m.description,
      starts_at: isoTime(m.startTime, 'seconds'),
      ends_at: isoTime(m.endTime, 'seconds'),
      location: m.location ? placeOf(m.location) : undefined,
      join_link: m.joinLink,
      is_cancelled: m.isCanceled ?? false,
      is_call: m.isScheduleCall || undefined,
      answers: { going: 0, not_going: 0, maybe: 0 },
    }),
  },
};

function optionsOf({ options }: Poll): proto.Message.PollCreationMessage.IOption[] {
  return (options ?? []).slice(0, MAX_OPTIONS);
}

function resultsOf({ pollVotes }: PollResult) {
  return (pollVotes ?? []).slice(0, MAX_OPTIONS).map(({ optionName, optionVoteCount }) => ({
    name: optionName ?? '',
    votes: wholeNumber(optionVoteCount) ?? 0,
  }));
}
