import type { ApiKeyScope } from '../repositories/api-key.js';
import { type AdminCommand, argumentsOf, operationIn, textOf, UsageError } from './admin-command.js';
import { endOf } from './life-span.js';
import { keysOf, OPERATOR } from './operator-keys.js';

const SCOPES: readonly string[] = ['read', 'send', 'manage'];

/** Makes a key and prints it, once. */
export const createKey: AdminCommand = {
  usage: 'create-key [--name <name>] [--organization <id> --scopes read,send,manage] [--expires 90d]',
  summary:
    'Makes a key of the whole service, or of one organization, and prints it: nobody can print it again.',
  options: {
    name: { type: 'string' },
    organization: { type: 'string' },
    scopes: { type: 'string' },
    expires: { type: 'string' },
  },
  operation(input) {
    const organizationId = textOf(input, 'organization');
    const asked = organizationId === undefined ? ['admin'] : (textOf(input, 'scopes') ?? '').split(',');
    const scopes = ['admin', ...SCOPES].filter((scope) => asked.includes(scope));
    return { ...operationIn(organizationId, { scopes }), object: { type: 'api-keys' } };
  },
  async run(input, context) {
    argumentsOf(input, []);
    const organizationId = textOf(input, 'organization') ?? null;
    const scopes = scopesOf(organizationId, textOf(input, 'scopes'));
    const expires = textOf(input, 'expires');
    const { apiKey, text } = await keysOf(context).service.create(OPERATOR, organizationId, scopes, {
      name: textOf(input, 'name') ?? 'made by command',
      expires_at: expires === undefined ? null : endOf(expires, new Date()),
    });
    const reach = organizationId === null ? 'the whole service' : `${organizationId} (${scopes.join(', ')})`;
    const end = apiKey.expiresAt === null ? 'does not end' : `ends at ${apiKey.expiresAt}`;
    return {
      result: text,
      note: `Key ${apiKey.prefix} of ${reach}; it ${end}. Keep it: it is shown this once.`,
      made: { objectId: apiKey.id },
    };
  },
};

function scopesOf(organizationId: string | null, text: string | undefined): ApiKeyScope[] {
  if (organizationId === null) {
    if (text !== undefined) {
      throw new UsageError('--scopes needs --organization: a key of the whole service may do everything');
    }
    return ['admin'];
  }
  const scopes = [...new Set((text ?? '').split(',').map((scope) => scope.trim()))];
  if (!scopes.every((scope) => SCOPES.includes(scope))) {
    throw new UsageError('--organization needs --scopes: one or more of read,send,manage');
  }
  return scopes as ApiKeyScope[];
}
