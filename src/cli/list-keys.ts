import type { ApiKey } from '../repositories/api-key.js';
import { formatTable } from '../supabase/sql-table.js';
import { type AdminCommand, argumentsOf, textOf } from './admin-command.js';
import { keysOf } from './operator-keys.js';

const MAX_KEYS = 500;

/** Shows what keys there are. */
export const listKeys: AdminCommand = {
  usage: 'list-keys [--organization <id>]',
  summary: `Shows the keys, newest first, ${MAX_KEYS} at most.`,
  options: { organization: { type: 'string' } },
  async run(input, context) {
    argumentsOf(input, []);
    const { items } = await keysOf(context).keys.listKeys(textOf(input, 'organization'), { limit: MAX_KEYS });
    const fields = ['key', 'name', 'organization', 'scopes', 'state', 'expires', 'last used', 'made by'];
    return { result: formatTable(fields, items.map(toRow)), note: `(${items.length} keys)` };
  },
};

function toRow(key: ApiKey): Record<string, unknown> {
  return {
    key: key.prefix,
    name: key.name,
    organization: key.organizationId ?? '(whole service)',
    scopes: key.scopes.join(','),
    state: stateOf(key),
    expires: key.expiresAt,
    'last used': key.lastUsedAt,
    'made by': key.createdBy && `${key.createdBy.kind} ${key.createdBy.id}`,
  };
}

function stateOf({ revokedAt, expiresAt, replacedBy }: ApiKey): string {
  if (revokedAt !== null) {
    return 'revoked';
  }
  if (expiresAt !== null && Date.parse(expiresAt) <= Date.now()) {
    return 'expired';
  }
  return replacedBy === null ? 'usable' : 'rotated, still usable';
}
