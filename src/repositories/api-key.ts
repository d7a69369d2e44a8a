import type { RowWith } from '../supabase/supabase-client.js';
import type { Json } from '../supabase/database.types.js';
import { isoTime, isoTimeOrNull } from './column-values.js';

/** What a key may do in its organization; `admin` is a key of the whole service, which belongs to none. */
export type ApiKeyScope = 'read' | 'send' | 'manage' | 'admin';

/** Who made a key, as the audit log calls actors. */
export interface KeyMaker {
  kind: string;
  id: string;
  name: string;
}

/** What becomes of keys whose maker goes: they end, they stay, or those that a key of the whole service made for organizations end, too. */
export type KeysMade = 'revoke' | 'keep' | 'all';

/** Keys whose maker went. */
export interface KeysLeft {
  revoked: ApiKey[];
  kept: ApiKey[];
}

/** A key as lists show it; the key itself is nowhere. */
export interface ApiKey {
  id: string;
  organizationId: string | null;
  name: string;
  prefix: string;
  scopes: ApiKeyScope[];
  createdAt: string;
  expiresAt: string | null;
  /** Up to a minute late. */
  lastUsedAt: string | null;
  revokedAt: string | null;
  /** The key that took its place. */
  replacedBy: string | null;
  /** Null where that was not noted. */
  createdBy: KeyMaker | null;
}

/** What a usable key allows. */
export interface ApiKeyGrant {
  id: string;
  name: string;
  organizationId: string | null;
  scopes: ApiKeyScope[];
  expiresAt: Date | null;
}

export type ApiKeyGrantRow = Pick<ApiKeyRow, 'id' | 'name' | 'organization_id' | 'scopes' | 'expires_at'>;

export const API_KEY_COLUMNS =
  'id, organization_id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at, replaced_by, created_by';
export type ApiKeyRow = RowWith<'api_keys', typeof API_KEY_COLUMNS>;

export function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    prefix: row.prefix,
    scopes: toScopes(row.scopes),
    createdAt: isoTime(row.created_at),
    expiresAt: isoTimeOrNull(row.expires_at),
    lastUsedAt: isoTimeOrNull(row.last_used_at),
    revokedAt: isoTimeOrNull(row.revoked_at),
    replacedBy: row.replaced_by,
    createdBy: toMaker(row.created_by),
  };
}

export function toApiKeyGrant(row: ApiKeyGrantRow): ApiKeyGrant {
  return {
    id: row.id,
    name: row.name,
    organizationId: row.organization_id,
    scopes: toScopes(row.scopes),
    expiresAt: row.expires_at === null ? null : new Date(row.expires_at),
  };
}

/** What functions answer that end keys with their maker. */
export interface KeysLeftRow {
  revoked: ApiKeyRow[];
  kept: ApiKeyRow[];
}

export function toKeysLeft({ revoked, kept }: KeysLeftRow): KeysLeft {
  return { revoked: revoked.map(toApiKey), kept: kept.map(toApiKey) };
}

/** @returns whoever made a row, as a column of it says */
export function toMaker(maker: Json): KeyMaker | null {
  // The table takes no others.
  return maker as unknown as KeyMaker | null;
}

function toScopes(scopes: readonly string[]): ApiKeyScope[] {
  // The table takes no others.
  return scopes as ApiKeyScope[];
}
