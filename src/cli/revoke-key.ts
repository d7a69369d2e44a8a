import { NotFoundError } from '../common/app-error.js';
import { type AdminCommand, argumentsOf } from './admin-command.js';
import { keysOf } from './operator-keys.js';

/** Revokes a key by its beginning. */
export const revokeKey: AdminCommand = {
  usage: 'revoke-key <beginning of the key, e.g. auz_4f1c09ab>',
  summary: 'Revokes a key: the next call is refused, and open sockets end within a second.',
  options: {},
  async run(input, context) {
    const [prefix = ''] = argumentsOf(input, ['the beginning of the key']);
    const { keys, service } = keysOf(context);
    // A whole key is taken, too: its beginning is what counts.
    const key = await keys.findKeyByPrefix(prefix.slice(0, 'auz_00000000'.length));
    if (key === null) {
      throw new NotFoundError(
        'api_key_not_found',
        'There is no key with this beginning; list-keys shows them.',
      );
    }
    await service.revoke(key.organizationId, key.id);
    return { note: `Key ${key.prefix} ("${key.name}") is revoked.` };
  },
};
