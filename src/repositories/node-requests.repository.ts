import { Inject, Injectable } from '@nestjs/common';
import type { Json } from '../supabase/database.types.js';
import { type DatabaseClient, type JsonFunction, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { base64OrNull, bytesOrNull } from './column-values.js';
import { answerOf } from './supabase-error.js';

export type NodeRequestKind = 'connect' | 'send' | 'send_content' | 'chat' | 'logout';

/** What one node asks of the node that runs an instance. */
export interface NewNodeRequest {
  /** UUID. */
  id: string;
  instanceId: string;
  /** Who asks. */
  nodeId: string;
  kind: NodeRequestKind;
  /** Sealed. */
  payload: Buffer;
  /** How long it may be done, in s. */
  seconds: number;
}

/** A request that was given to this node; no other is at it. */
export interface TakenNodeRequest {
  id: string;
  instanceId: string;
  kind: NodeRequestKind;
  /** Sealed. */
  payload: Buffer;
}

export interface TakenNodeRequestRow {
  id: string;
  instance_id: string;
  kind: NodeRequestKind;
  payload: string;
}

/** Requests between nodes. The requests for a node come with its poll (`LeasesRepository`). */
@Injectable()
export class NodeRequestsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @returns false when no other node runs the instance; nothing was asked then */
  async ask(request: NewNodeRequest): Promise<boolean> {
    const { asked } = await this.call<{ asked: boolean }>('ask_node', {
      id: request.id,
      instance_id: request.instanceId,
      node_id: request.nodeId,
      kind: request.kind,
      payload: base64OrNull(request.payload),
      seconds: request.seconds,
    });
    return asked;
  }

  /**
   * How far requests are, by id. `isOrphaned`: the node that was to do it is gone. Those that are too old are left out.
   */
  async readStates(ids: string[]): Promise<Map<string, { isAnswered: boolean; isOrphaned: boolean }>> {
    const rows = await this.call<[id: string, isAnswered: boolean, isOrphaned: boolean][]>(
      'read_node_answers',
      { ids },
    );
    return new Map(rows.map(([id, isAnswered, isOrphaned]) => [id, { isAnswered, isOrphaned }]));
  }

  /** From now on no message is stored for the request. @returns the sealed answer, if it was there */
  async withdraw(id: string): Promise<Buffer | null> {
    const { answer } = await this.call<{ answer: string | null }>('withdraw_node_request', { id });
    return bytesOrNull(answer);
  }

  /** @param answer sealed */
  async answer(id: string, answer: Buffer): Promise<void> {
    await this.call('answer_node_request', { id, answer: base64OrNull(answer) });
  }

  private call<T extends NonNullable<unknown>>(name: JsonFunction, p: Json): Promise<T> {
    return answerOf<T>(this.client.rpc(name, { p }));
  }
}

export function toTakenNodeRequest(row: TakenNodeRequestRow): TakenNodeRequest {
  const payload = Buffer.from(row.payload, 'base64');
  return { id: row.id, instanceId: row.instance_id, kind: row.kind, payload };
}
