import { AppError } from '../common/app-error.js';
import type { KeysMade } from '../repositories/api-key.js';
import { type AdminCommand, argumentsOf, type CommandInput, textOf, UsageError } from './admin-command.js';
import { keysLeftSentence } from './keys-left-sentence.js';
import { keysOf, OPERATOR } from './operator-keys.js';

const CHOICES: readonly string[] = ['revoke', 'keep', 'all'];

/** Revokes a key by its beginning. */
export const revokeKey: AdminCommand = {
  usage: 'revoke-key <beginning of the key, e.g. auz_4f1c09ab> [--keys revoke|keep|all]',
  summary:
    'Revokes a key: the next call is refused, and open sockets end within a second (on a Supabase project within 6). The keys that ' +
    'it made end with it, unless --keys keep; those that a key of the whole service made for organizations only with --keys all.',
  options: { keys: { type: 'string' } },
  operation({ positionals }) {
    const prefix = beginningOf(positionals[0]);
    return { object: { type: 'api-keys' }, ...(/^auz_[0-9a-f]{8}$/.test(prefix) && { details: { prefix } }) };
  },
  async run(input, context) {
    const [typed] = argumentsOf(input, ['the beginning of the key']);
    const made = choiceOf(input);
    const { keys, service } = keysOf(context);
    const key = await keys.findKeyByPrefix(beginningOf(typed));
    if (key === null) {
      throw new AppError('api_key_not_found', {
        message: 'There is no key with this beginning; list-keys shows them.',
      });
    }
    const left = await service.revoke(OPERATOR, key.organizationId, key.id, made);
    return {
      note: `Key ${key.prefix} ("${key.name}") is revoked.${keysLeftSentence(left)}`,
      made: { objectId: key.id, ...(key.organizationId !== null && { organizationId: key.organizationId }) },
    };
  },
};

function choiceOf(input: CommandInput): KeysMade {
  const choice = textOf(input, 'keys') ?? 'revoke';
  if (!CHOICES.includes(choice)) {
    throw new UsageError(`--keys takes ${CHOICES.join(', ')}`);
  }
  return choice as KeysMade;
}

/** A whole key is taken, too: its beginning is what counts. */
function beginningOf(typed = ''): string {
  return typed.slice(0, 'auz_00000000'.length);
}
