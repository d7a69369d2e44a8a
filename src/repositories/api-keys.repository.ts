import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import {
  API_KEY_COLUMNS,
  type ApiKey,
  type ApiKeyGrant,
  type ApiKeyGrantRow,
  type ApiKeyRow,
  type ApiKeyScope,
  type KeyMaker,
  type KeysLeft,
  type KeysLeftRow,
  type KeysMade,
  toApiKey,
  toApiKeyGrant,
  toKeysLeft,
} from './api-key.js';
import { base64OrNull } from './column-values.js';
import { DatabaseRejectedError } from './database-rejected-error.js';
import { type Made, type Once, onceColumns, type ReplayColumns, toMade } from './once.js';
import { creationKey, NEWEST_FIRST, type Page, pageOf, type PageRequest, pageQuery } from './page.js';
import { answerOf, answerOrNullOf, rowsOf } from './supabase-error.js';

/** A key that was just drawn: its hash, and what it is recognized by. */
export interface HashedKey {
  hash: Buffer;
  prefix: string;
}

export interface NewApiKey extends HashedKey {
  /** Null for a key of the whole service. */
  organizationId: string | null;
  name: string;
  scopes: readonly ApiKeyScope[];
  expiresAt: Date | null;
  /** Who makes it, and holds what it allows; absent for nobody in particular. */
  by?: KeyMaker;
}

/** The `api_keys` table. Keys are known by their hashes; the organization null stands for the whole service. */
@Injectable()
export class ApiKeysRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * @returns the key; it ends no later than the key that makes it
   * @throws AppError `scope_not_held`, `expiry_not_held`, `organization_not_found`,
   *   `organization_closed`, `too_many_api_keys`
   */
  async insertKey(key: NewApiKey): Promise<ApiKey> {
    return (await this.insertKeyOnce(key)).made;
  }

  /**
   * As `insertKey`, once under the caller's name for the call.
   * @throws AppError as `insertKey`; `idempotency_key_reused`
   */
  async insertKeyOnce(key: NewApiKey, named?: Once): Promise<Made<ApiKey>> {
    const p = {
      organization_id: key.organizationId,
      name: key.name,
      prefix: key.prefix,
      key_hash: base64OrNull(key.hash),
      scopes: [...key.scopes],
      expires_at: key.expiresAt?.toISOString() ?? null,
      by: asJson(key.by),
      ...onceColumns(named),
    };
    try {
      const row = await answerOf<ApiKeyRow & ReplayColumns>(this.client.rpc('create_api_key', { p }));
      return toMade(row, toApiKey);
    } catch (error) {
      if (error instanceof DatabaseRejectedError && error.sqlState === '23503') {
        throw new AppError('organization_not_found', { cause: error });
      }
      throw error;
    }
  }

  /** @returns what the key allows; null for one that is unknown, revoked or past its end. Notes the use. */
  async authenticate(hash: Buffer): Promise<ApiKeyGrant | null> {
    const p = { key_hash: base64OrNull(hash) };
    const row = await answerOrNullOf<ApiKeyGrantRow>(this.client.rpc('authenticate_api_key', { p }));
    return row && toApiKeyGrant(row);
  }

  /** @returns whether there is any key that may be used */
  async hasUsable(): Promise<boolean> {
    return (await answerOf<{ has: boolean }>(this.client.rpc('has_usable_api_key', { p: {} }))).has;
  }

  /**
   * Newest first; those that may no longer be used, too.
   * @param organizationId undefined lists those of all organizations and of the whole service
   */
  async listKeys(organizationId: string | null | undefined, page: PageRequest): Promise<Page<ApiKey>> {
    let query = this.table().select(API_KEY_COLUMNS);
    if (organizationId === null) {
      query = query.is('organization_id', null);
    } else if (organizationId !== undefined) {
      query = query.eq('organization_id', organizationId);
    }
    const rows = await rowsOf(pageQuery(query, page, NEWEST_FIRST));
    return pageOf(rows, page, toApiKey, creationKey);
  }

  async findKey(organizationId: string | null, id: string): Promise<ApiKey | null> {
    const [row] = await rowsOf(this.table().select(API_KEY_COLUMNS).eq('id', id));
    return row && row.organization_id === organizationId ? toApiKey(row) : null;
  }

  /** @returns the key with this beginning, whosever it is */
  async findKeyByPrefix(prefix: string): Promise<ApiKey | null> {
    const [row] = await rowsOf(this.table().select(API_KEY_COLUMNS).eq('prefix', prefix));
    return row ? toApiKey(row) : null;
  }

  /**
   * A new key of the same name and scopes takes the place of one.
   * @param rotation.overlapSeconds how long the old key lives on at most
   * @param rotation.expiresAt end of the new key; null gives it as long a life as the old one had, but no longer than the key has
   *   that asks for it
   * @param rotation.by who asks for it, and holds what the key allows
   * @returns the new key, `not_usable` when the old one is revoked, past its end or rotated already, null when there is none
   * @throws AppError `scope_not_held`, `expiry_not_held`
   */
  async rotateKey(
    organizationId: string | null,
    id: string,
    rotation: HashedKey & {
      overlapSeconds: number;
      expiresAt: Date | null;
      by?: KeyMaker;
      once?: Once | undefined;
    },
  ): Promise<Made<ApiKey> | 'not_usable' | null> {
    const p = {
      id,
      organization_id: organizationId,
      key_hash: base64OrNull(rotation.hash),
      prefix: rotation.prefix,
      overlap_seconds: rotation.overlapSeconds,
      expires_at: rotation.expiresAt?.toISOString() ?? null,
      by: asJson(rotation.by),
      ...onceColumns(rotation.once),
    };
    const row = await answerOrNullOf<(ApiKeyRow & ReplayColumns) | { id: null }>(
      this.client.rpc('rotate_api_key', { p }),
    );
    if (row === null) {
      return null;
    }
    return row.id === null ? 'not_usable' : toMade(row, toApiKey);
  }

  /**
   * @param options.keys what becomes of keys that it made
   * @param options.by who asks for it
   * @returns the keys that it made, as far as they were usable; null when there is no such key. Revoking it again changes nothing
   * @throws AppError `api_key_in_use`, where the key that asks for it would end
   */
  async revokeKey(
    organizationId: string | null,
    id: string,
    { keys = 'revoke', by }: { keys?: KeysMade; by?: KeyMaker | undefined } = {},
  ): Promise<KeysLeft | null> {
    const p = { id, organization_id: organizationId, keys, by: asJson(by) };
    const row = await answerOf<KeysLeftRow & { found: boolean }>(this.client.rpc('revoke_api_key', { p }));
    return row.found ? toKeysLeft(row) : null;
  }

  private table() {
    return this.client.from('api_keys');
  }
}

/** @returns the maker as functions take it */
export function asJson(by: KeyMaker | undefined): { kind: string; id: string; name: string } | null {
  return by ? { kind: by.kind, id: by.id, name: by.name } : null;
}
