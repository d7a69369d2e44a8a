import { Inject, Injectable } from '@nestjs/common';
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
import { answerOf } from './supabase-error.js';

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

/** What a process asks again and again, by part. The database answers the parts in this order. */
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
  undecrypted: {
    encode: ({ afterMs }) => ({ after_seconds: afterMs / 1000 }),
    decode: (row) => (row as { given_up: number }).given_up,
  },
  drained: { encode: () => ({}), decode: (row) => (row as { shredded: number }).shredded },
  closings: { encode: () => ({}), decode: (row) => row as string[] },
};

/** In the order in which the database answers them. */
export const TICK_PARTS = Object.keys(CODECS) as TickPart[];

/** Everything that a process asks the database again and again, in one call. */
@Injectable()
export class TicksRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * All of it takes effect, or none.
   * @returns the answers to the parts that are asked
   * @throws UpstreamError `database_unavailable`
   */
  async tick<Questions extends TickQuestions>(
    questions: Questions,
  ): Promise<{ [Part in keyof Questions & TickPart]: TickParts[Part]['answer'] }> {
    const asked = TICK_PARTS.filter((part) => questions[part] !== undefined);
    const p = Object.fromEntries(asked.map((part) => [part, encodePart(part, questions)]));
    const rows = await answerOf<Record<string, unknown>>(this.client.rpc('node_tick', { p }));
    const answers = Object.fromEntries(asked.map((part) => [part, CODECS[part].decode(rows[part])]));
    return answers as { [Part in keyof Questions & TickPart]: TickParts[Part]['answer'] };
  }
}

function encodePart<Part extends TickPart>(part: Part, questions: TickQuestions): Json {
  const codec: Codec<Part> = CODECS[part];
  return codec.encode(questions[part]!);
}
