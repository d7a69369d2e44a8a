import type { RowWith } from '../supabase/supabase-client.js';
import { isoTime, isoTimeOrNull } from './column-values.js';

/** What a key may do in its organization; `admin` is a key of the whole service, which belongs to none. */
export type ApiKeyScope = 'read' | 'send' | 'manage' | 'admin';

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
  'id, organization_id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at, replaced_by';
type ApiKeyRow = RowWith<'api_keys', typeof API_KEY_COLUMNS>;

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

function toScopes(scopes: readonly string[]): ApiKeyScope[] {
  // The table takes no others.
  return scopes as ApiKeyScope[];
}
