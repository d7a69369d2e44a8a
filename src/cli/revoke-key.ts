import { NotFoundError } from '../common/app-error.js';
import { type AdminCommand, argumentsOf } from './admin-command.js';
import { keysOf } from './operator-keys.js';

/** Revokes a key by its beginning. */
export const revokeKey: AdminCommand = {
  usage: 'revoke-key <beginning of the key, e.g. auz_4f1c09ab>',
  summary:
    'Revokes a key: the next call is refused, and open sockets end within a second (on a Supabase project within 6).',
  options: {},
  deed({ positionals }) {
    const prefix = beginningOf(positionals[0]);
    return { object: { type: 'api-keys' }, ...(/^auz_[0-9a-f]{8}$/.test(prefix) && { details: { prefix } }) };
  },
  async run(input, context) {
    const [typed] = argumentsOf(input, ['the beginning of the key']);
    const { keys, service } = keysOf(context);
    const key = await keys.findKeyByPrefix(beginningOf(typed));
    if (key === null) {
      throw new NotFoundError(
        'api_key_not_found',
        'There is no key with this beginning; list-keys shows them.',
      );
    }
    await service.revoke(key.organizationId, key.id);
    return {
      note: `Key ${key.prefix} ("${key.name}") is revoked.`,
      made: { objectId: key.id, ...(key.organizationId !== null && { organizationId: key.organizationId }) },
    };
  },
};

/** A whole key is taken, too: its beginning is what counts. */
function beginningOf(typed = ''): string {
  return typed.slice(0, 'auz_00000000'.length);
}
