import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import type { Json } from '../supabase/database.types.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { type ApiKeyGrant, type ApiKeyGrantRow, toApiKeyGrant } from './api-key.js';
import {
  type KeyAnswer,
  type KeyAnswerRow,
  type KeyHolder,
  toHolderArgument,
  toKeyAnswer,
} from './key-holders.repository.js';
import {
  type Heartbeat,
  type HeartbeatAnswer,
  type PollAnswer,
  type PollQuestion,
  type PollRow,
  toHeartbeatArgument,
  toPollAnswer,
  toPollArgument,
} from './leases.repository.js';
import { type Membership, type MembershipRow, toMembership } from './members.repository.js';
import type { MediaWaits } from './message-media.repository.js';
import { answerOf, translateError } from './supabase-error.js';

/** What there is to do for webhooks. */
export interface WebhookWaits {
  /** The organizations that have some; null: too many to be listed. */
  organizations: string[] | null;
  /** Events wait to become deliveries. */
  behind: boolean;
  /** Deliveries are due. */
  due: boolean;
}

/** Callers who stay, and what they may do now; those who may do nothing any more are left out. */
export interface CallersQuestion {
  keyIds: readonly string[];
  userIds: readonly string[];
}

export interface CallersAnswer {
  keys: ApiKeyGrant[];
  /** Also in closed organizations. */
  memberships: Membership[];
}

/** What a process asks again and again, by part, in the order in which its parts say what they ask. */
export interface TickParts {
  /** A node lives, and runs these sessions. */
  heartbeat: { question: Heartbeat; answer: HeartbeatAnswer };
  /** Whether there is something to do for a node. */
  work: { question: PollQuestion; answer: PollAnswer };
  /** Which keys of `SESSION_ENCRYPTION_KEY` a process has. */
  keys: { question: KeyHolder; answer: KeyAnswer };
  /** How far the events of these organizations have come. */
  heads: { question: readonly string[]; answer: Map<string, number> };
  /** What callers may do who were let in a while ago. */
  callers: { question: CallersQuestion; answer: CallersAnswer };
  /** Whether received messages wait. */
  inbox: { question: true; answer: { isWaiting: boolean } };
  /** Whether history waits to be fetched. */
  history: { question: true; answer: { isWaiting: boolean } };
  /** Whether messages wait to be taken up for searches. */
  search: { question: true; answer: { isWaiting: boolean } };
  /** Whether files of messages are to be fetched, asked for, or removed. */
  media: { question: true; answer: MediaWaits };
  /** Whether webhooks have something to do, and whose they are. */
  webhooks: { question: true; answer: WebhookWaits };
  /** Gives messages up whose readable copy did not come in time (in ms). Answers how many. */
  undecrypted: { question: { afterMs: number }; answer: number };
  /** Shreds the inbox keys of deleted instances that have nothing waiting. Answers how many. */
  drained: { question: true; answer: number };
  /** Closed organizations that still have instances. */
  closings: { question: true; answer: string[] };
}

export type TickPart = keyof TickParts;
export type TickQuestions = { [Part in TickPart]?: TickParts[Part]['question'] };
export type TickAnswers = { [Part in TickPart]?: TickParts[Part]['answer'] };
/** By part, why it came to nothing. */
export type TickFailures = ReadonlyMap<TickPart, unknown>;

interface Codec<Part extends TickPart> {
  encode(question: TickParts[Part]['question']): Json;
  decode(row: unknown): TickParts[Part]['answer'];
}

const CODECS: { readonly [Part in TickPart]: Codec<Part> } = {
  heartbeat: { encode: toHeartbeatArgument, decode: (row) => row as HeartbeatAnswer },
  work: { encode: toPollArgument, decode: (row) => toPollAnswer(row as PollRow) },
  keys: { encode: toHolderArgument, decode: (row) => toKeyAnswer(row as KeyAnswerRow) },
  heads: {
    encode: (organizationIds) => ({ organization_ids: [...organizationIds] }),
    decode: (row) => new Map(row as [string, number][]),
  },
  callers: {
    encode: ({ keyIds, userIds }) => ({ ids: [...keyIds], user_ids: [...userIds] }),
    decode: (row) => {
      const { keys, memberships } = row as { keys: ApiKeyGrantRow[]; memberships: MembershipRow[] };
      return { keys: keys.map(toApiKeyGrant), memberships: memberships.map(toMembership) };
    },
  },
  inbox: { encode: () => ({}), decode: (row) => ({ isWaiting: (row as { waiting: boolean }).waiting }) },
  history: { encode: () => ({}), decode: (row) => ({ isWaiting: (row as { waiting: boolean }).waiting }) },
  search: { encode: () => ({}), decode: (row) => ({ isWaiting: (row as { waiting: boolean }).waiting }) },
  media: { encode: () => ({}), decode: (row) => row as MediaWaits },
  webhooks: { encode: () => ({}), decode: (row) => row as WebhookWaits },
  undecrypted: {
    encode: ({ afterMs }) => ({ after_seconds: afterMs / 1000 }),
    decode: (row) => (row as { given_up: number }).given_up,
  },
  drained: { encode: () => ({}), decode: (row) => (row as { shredded: number }).shredded },
  closings: { encode: () => ({}), decode: (row) => row as string[] },
};

/** In the order in which they say what they ask: first of all what a node speaks for. */
export const TICK_PARTS = Object.keys(CODECS) as TickPart[];

/** Everything that a process asks the database again and again, in one call. */
@Injectable()
export class TicksRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * A part that fails takes no effect, and none of the others with it, except the heartbeat: without that there is no answer.
   * @returns the answers to the parts that are asked; those that came to nothing are in `failed` instead
   * @throws AppError `database_unavailable`
   */
  async tick<Questions extends TickQuestions>(
    questions: Questions,
  ): Promise<{ [Part in keyof Questions & TickPart]: TickParts[Part]['answer'] } & { failed: TickFailures }> {
    const asked = TICK_PARTS.filter((part) => questions[part] !== undefined);
    const p = Object.fromEntries(asked.map((part) => [part, encodePart(part, questions)]));
    const rows = await answerOf<Record<string, unknown>>(this.client.rpc('node_tick', { p }));
    const codes = (rows['failed'] ?? {}) as Partial<Record<TickPart, string>>;
    const failed = new Map<TickPart, unknown>();
    const answers: TickAnswers = {};
    for (const part of asked) {
      try {
        Object.assign(answers, { [part]: decodePart(part, rows[part], codes[part]) });
      } catch (error) {
        failed.set(part, error);
      }
    }
    return { ...answers, failed } as { [Part in keyof Questions & TickPart]: TickParts[Part]['answer'] } & {
      failed: TickFailures;
    };
  }
}

/** @throws what kept the part from being answered */
function decodePart(part: TickPart, row: unknown, sqlState: string | undefined): unknown {
  if (sqlState !== undefined) {
    throw translateError({ code: sqlState, message: `part ${part} of a tick failed` }, 200);
  }
  if (row === undefined) {
    throw new AppError('database_unavailable');
  }
  return CODECS[part].decode(row);
}

function encodePart<Part extends TickPart>(part: Part, questions: TickQuestions): Json {
  const codec: Codec<Part> = CODECS[part];
  return codec.encode(questions[part]!);
}
