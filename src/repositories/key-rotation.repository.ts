import { Inject, Injectable } from '@nestjs/common';
import type { DataKeyOwner, WrappedKey } from '../common/data-keys.js';
import type { Json } from '../supabase/database.types.js';
import { type DatabaseClient, type JsonFunction, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { base64OrNull } from './column-values.js';
import { toDataKeyArgument } from './data-key-row.js';
import { answerOf } from './supabase-error.js';

/** The kinds of sealed values, as the functions of the database are named. */
export type SealedKind =
  'credentials' | 'session_keys' | 'inbox_bodies' | 'message_values' | 'webhook_secrets' | 'direct_values';

/** Where a value is: columns by name. */
export type ValueName = Readonly<Record<string, string | number | boolean>>;

export interface StaleValue {
  name: ValueName;
  /** Sealed. */
  value: Buffer;
}

/** Some rows of one kind. */
export interface StalePage {
  stale: StaleValue[];
  /** Rows that were looked at. */
  scanned: number;
  /** For the next call; null at the end. */
  next: Json;
}

/** A new value for one that is as it was read. */
export interface ResealedValue {
  name: ValueName;
  old: Buffer;
  /** Sealed; null purges a body, or what a message keeps sealed. */
  new: Buffer | null;
}

export interface KeyToRewrap {
  id: number;
  owner: DataKeyOwner;
  wrapped: Buffer;
}

/** A process that may still seal under another key than the new one. */
export interface RotationBlocker {
  /** Names it for this run of the process, or its node as far as only that is known. */
  id: string;
  nodeId: string;
  /** It has the new key in the first place, and will seal with it by itself. */
  hasKey: boolean;
  /** Another one later on means that it is alive. */
  seenAt: string;
}

type Count = 'credentials' | 'session_keys' | 'inbox_bodies' | 'message_values' | 'webhook_secrets';

/** No other value begins with these bytes. */
const HEAD_BYTES = 33;
/** Rows looked at, and rows returned, by one call. */
const WINDOW = 5_000;
const LIMIT = 200;
/** Characters that one call carries at most, unless a single value has more. */
const MAX_CALL_LENGTH = 1_000_000;

/** Everything that is sealed, for its rotation: in bounded pages, and nothing is waited for. */
@Injectable()
export class KeyRotationRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @returns processes that do not seal with the first of these keys */
  async listBlockers(masterIds: readonly Buffer[]): Promise<RotationBlocker[]> {
    const rows = await this.call<[string, string, boolean, string][]>('rotation_blockers', named(masterIds));
    return rows.map(([id, nodeId, hasKey, seenAt]) => ({ id, nodeId, hasKey, seenAt }));
  }

  /** @returns ids of instances that no process runs and that need new data keys, in order, 200 at most */
  listUnkeyed(masterIds: readonly Buffer[], after: string | undefined): Promise<string[]> {
    return this.call('list_unkeyed_instances', { ...named(masterIds), after, limit: LIMIT });
  }

  /** @returns how many of the instances got new data keys; others have some, or a process runs them */
  async renew(
    masterIds: readonly Buffer[],
    keys: { instanceId: string; session: WrappedKey; inbox: WrappedKey }[],
  ): Promise<number> {
    const rows = keys.map(({ instanceId, session, inbox }) => [
      instanceId,
      toDataKeyArgument(session),
      toDataKeyArgument(inbox),
    ]);
    const { renewed } = await this.call<{ renewed: number }>('renew_data_keys', {
      ...named(masterIds),
      keys: rows,
    });
    return renewed;
  }

  /** @returns data keys that another key than the first wrapped, in order of their ids, 200 at most */
  async listToRewrap(masterIds: readonly Buffer[], after: number): Promise<KeyToRewrap[]> {
    const p = { ...named(masterIds), after, limit: LIMIT };
    const rows = await this.call<[number, string, DataKeyOwner['purpose'], string][]>(
      'list_keys_to_rewrap',
      p,
    );
    return rows.map(([id, owner, purpose, wrapped]) => ({
      id,
      owner: { id: owner, purpose },
      wrapped: Buffer.from(wrapped, 'base64'),
    }));
  }

  async rewrap(keys: { id: number; old: Buffer; new: Buffer }[]): Promise<void> {
    const rows = keys.map((key) => [key.id, base64OrNull(key.old), base64OrNull(key.new)]);
    await this.call('rewrap_data_keys', { rows });
  }

  /**
   * @param after what the page before gave as `next`; undefined for the first one
   * @returns values that are not sealed by what seals them now
   */
  async listStale(
    kind: SealedKind,
    masterIds: readonly Buffer[],
    after: Json | undefined,
  ): Promise<StalePage> {
    const p = { ...named(masterIds), ...(after !== undefined && { after }), window: WINDOW, limit: LIMIT };
    const page = await this.call<{ rows: Record<string, string>[]; scanned: number; next: Json }>(
      `stale_${kind}`,
      p,
    );
    const stale = page.rows.map(({ value, ...name }) => ({ name, value: Buffer.from(value!, 'base64') }));
    return { stale, scanned: page.scanned, next: page.next };
  }

  /** @returns how many were replaced; others have changed since, or are in use at this moment */
  async reseal(kind: SealedKind, values: readonly ResealedValue[]): Promise<number> {
    const rows = values.map((value) => ({
      ...value.name,
      old: base64OrNull(value.old.subarray(0, HEAD_BYTES)),
      new: base64OrNull(value.new),
    }));
    let changed = 0;
    for (const some of portions(rows)) {
      changed += (await this.call<{ changed: number }>(`reseal_${kind}`, { rows: some })).changed;
    }
    return changed;
  }

  /** @returns how many rows of each kind there are */
  count(): Promise<Record<Count, number>> {
    return this.call('count_sealed', {});
  }

  /** To be called after a pass that found nothing. @returns how many data keys are gone that were replaced a day ago or earlier */
  async dropRetired(): Promise<number> {
    const { dropped } = await this.call<{ dropped: number }>('drop_retired_keys', {});
    return dropped;
  }

  private call<T extends NonNullable<unknown>>(name: JsonFunction, p: Json): Promise<T> {
    return answerOf<T>(this.client.rpc(name, { p }));
  }
}

/** A running service takes statements of the operator up to a certain size. */
function portions<Row extends { new: string | null }>(rows: readonly Row[]): Row[][] {
  const all: Row[][] = [];
  let length = Infinity;
  for (const row of rows) {
    const own = row.new?.length ?? 0;
    if (length + own > MAX_CALL_LENGTH) {
      all.push([]);
      length = 0;
    }
    all.at(-1)!.push(row);
    length += own;
  }
  return all;
}

function named(masterIds: readonly Buffer[]) {
  return { master_ids: masterIds.map(base64OrNull) };
}
