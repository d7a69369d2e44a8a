import { Inject, Injectable } from '@nestjs/common';
import type { Json } from '../supabase/database.types.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { base64OrNull } from './column-values.js';
import { answerOf } from './supabase-error.js';

/** Which keys of `SESSION_ENCRYPTION_KEY` a process has. */
export interface KeyHolder {
  /** UUID of this run of the process. */
  process: string;
  /** For people. */
  nodeId: string;
  /** Ids of its keys, in the order of the configuration. */
  keyIds: readonly Buffer[];
  /** How long it counts as alive without another word, in s. */
  seconds: number;
  /** Nobody else can be alive: the database belongs to one process. */
  isAlone: boolean;
  /** It ends, and is to be forgotten. */
  isLeaving: boolean;
}

export interface KeyAnswer {
  /** Id of the key to seal with: the first one that all living processes have, or that data keys are wrapped under already. */
  sealing: Buffer;
  /** Nodes that seal with a key which the caller does not have. */
  lacking: string[];
}

export interface KeyAnswerRow {
  sealing: string;
  lacking: string[];
}

/** The `key_holders` table. */
@Injectable()
export class KeyHoldersRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @throws AppError `database_unavailable` */
  async announce(holder: KeyHolder): Promise<KeyAnswer> {
    const call = this.client.rpc('announce_keys', { p: toHolderArgument(holder) });
    return toKeyAnswer(await answerOf<KeyAnswerRow>(call));
  }
}

/** @returns what the database takes */
export function toHolderArgument(holder: KeyHolder): Json {
  return {
    process: holder.process,
    node_id: holder.nodeId,
    key_ids: holder.keyIds.map(base64OrNull),
    seconds: holder.seconds,
    alone: holder.isAlone,
    leaving: holder.isLeaving,
  };
}

export function toKeyAnswer({ sealing, lacking }: KeyAnswerRow): KeyAnswer {
  return { sealing: Buffer.from(sealing, 'base64'), lacking };
}
