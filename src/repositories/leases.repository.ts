import { Inject, Injectable } from '@nestjs/common';
import type { Json } from '../supabase/database.types.js';
import { type DatabaseClient, type JsonFunction, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import {
  type TakenNodeRequest,
  type TakenNodeRequestRow,
  toTakenNodeRequest,
} from './node-requests.repository.js';
import { answerOf, answerOrNullOf } from './supabase-error.js';

/** What a process says of itself. */
export interface Heartbeat {
  nodeId: string;
  kind: 'api' | 'worker';
  /** UUID of this run of the process. */
  incarnation: string;
  /** Gives its sessions up and takes no more. */
  isLeaving: boolean;
  /** How long it counts as alive from now on, and its leases hold, in s. */
  leaseSeconds: number;
  /** What it runs. */
  sessions: { instanceId: string; epoch: number }[];
  /** Nodes that are known to be gone, to be ended before; `all`: whoever it is. */
  bury?: string[] | 'all' | undefined;
}

export interface HeartbeatAnswer {
  /** Of the sessions named: those that belong to another process, or to none, now. */
  lost: string[];
  /** Nodes that count as alive, and holders of leases; without the caller. */
  others: string[];
  /** Another process that is alive has the same node id. */
  rival: boolean;
  /** Of the sessions named: those whose instances keep what is written in groups. Absent in the answer of an older database. */
  groups?: string[];
}

/** What there is to do for a node. */
export interface PollAnswer {
  /** Nodes of the kind `api` that are alive. */
  nodes: number;
  /** How many sessions each of them should run. */
  share: number;
  /** Instances that no process runs, as many as the caller's share has room for. */
  free: { id: string; organizationId: string }[];
  /** Of other nodes, for instances that the caller runs. */
  requests: TakenNodeRequest[];
  /** When the next lease of another node ends unless it is prolonged, in ms from now; null: none holds. */
  nextLeaseMs: number | null;
  /** Another node gives its sessions up at this moment. */
  hasLeaver: boolean;
  /** What the caller runs and somebody deleted: for how long logging it out is still tried, in ms. */
  leaving: { id: string; msLeft: number }[];
}

export interface PollQuestion {
  nodeId: string;
  incarnation: string;
  /** Linked sessions that the node runs. */
  running: number;
  /** Free instances to be told of at most. */
  limit: number;
  /** Requests to be given at most. */
  requestLimit: number;
  /** Requests that the caller is at for one instance at most. */
  instanceLimit: number;
  /** Requests (UUIDs) that the caller is at; others that it was given are given again, as it never got them. */
  serving: string[];
  /** Also instances that ended for a reason which only a person can change. */
  again: boolean;
}

export interface PollRow {
  nodes: number;
  share: number;
  free: [id: string, organizationId: string][];
  requests: TakenNodeRequestRow[];
  next_lease_ms: number | null;
  has_leaver: boolean;
  leaving: [id: string, msLeft: number][];
}

/**
 * Who is alive and who runs which session, by the database's clock. Nodes say so, and ask for work, with their ticks
 * (`TicksRepository`); taking and giving up is the session store's.
 */
@Injectable()
export class LeasesRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** Ends the leases of nodes that are known to be gone. @param nodeIds `all`: of everybody */
  async bury(nodeIds: string[] | 'all'): Promise<void> {
    await this.call('bury_nodes', toBurial(nodeIds));
  }

  /** @returns the node that runs the instance's session, as far as its lease tells; null: nobody */
  holderOf(instanceId: string): Promise<string | null> {
    return answerOrNullOf<string>(this.client.rpc('session_holder', { p: { instance_id: instanceId } }));
  }

  private call<T extends NonNullable<unknown>>(name: JsonFunction, p: Json): Promise<T> {
    return answerOf<T>(this.client.rpc(name, { p }));
  }
}

/** @returns what the database takes: the node is kept alive, and its leases */
export function toHeartbeatArgument(beat: Heartbeat): Json {
  return {
    node_id: beat.nodeId,
    kind: beat.kind,
    incarnation: beat.incarnation,
    is_leaving: beat.isLeaving,
    lease_seconds: beat.leaseSeconds,
    sessions: beat.sessions.map(({ instanceId, epoch }) => [instanceId, epoch]),
    ...(beat.bury !== undefined && { bury: toBurial(beat.bury) }),
  };
}

/** @returns what the database takes. A request is given to one node at a time: the caller does it */
export function toPollArgument({ nodeId, requestLimit, instanceLimit, ...question }: PollQuestion): Json {
  return {
    ...question,
    logs_out: true,
    node_id: nodeId,
    request_limit: requestLimit,
    instance_limit: instanceLimit,
  };
}

export function toPollAnswer({ next_lease_ms, has_leaver, ...row }: PollRow): PollAnswer {
  return {
    ...row,
    free: row.free.map(([id, organizationId]) => ({ id, organizationId })),
    requests: row.requests.map(toTakenNodeRequest),
    leaving: row.leaving.map(([id, msLeft]) => ({ id, msLeft: Number(msLeft) })),
    nextLeaseMs: next_lease_ms,
    hasLeaver: has_leaver,
  };
}

function toBurial(nodeIds: string[] | 'all'): Record<string, Json> {
  return nodeIds === 'all' ? { all: true } : { ids: nodeIds };
}
