import { isUuid } from '../common/uuid.js';
import { MembersRepository } from '../repositories/members.repository.js';
import type { Role } from '../repositories/role.js';
import { keysLeftSentence } from './keys-left-sentence.js';
import { operator } from './operator.js';
import { type AdminCommand, argumentsOf, operationIn, textOf, UsageError } from './admin-command.js';

const ROLES: readonly string[] = ['owner', 'agent', 'viewer'];

/** Makes a user a member, above all the first owner, without asking: those who run commands may do everything anyhow. */
export const addMember: AdminCommand = {
  usage: 'add-member <organization> <Supabase user id> --role owner|agent|viewer',
  summary: 'Makes a user a member of an organization, without asking, or changes the role of one.',
  options: { role: { type: 'string' } },
  operation(input) {
    const [organizationId, userId = ''] = input.positionals;
    const role = textOf(input, 'role') ?? '';
    return operationIn(organizationId, {
      ...(isUuid(userId) && { userId: userId.toLowerCase() }),
      ...(ROLES.includes(role) && { role }),
    });
  },
  async run(input, context) {
    const [organizationId = '', userId = ''] = argumentsOf(input, ['the organization', 'the user id']);
    const role = textOf(input, 'role') ?? '';
    if (!isUuid(userId) || !ROLES.includes(role)) {
      throw new UsageError(`the user id is a UUID, and --role one of ${ROLES.join(', ')}`);
    }
    const members = new MembersRepository(context.client);
    const { keys } = await members.putMember(organizationId, userId.toLowerCase(), role as Role, {
      by: operator(),
    });
    return { note: `User ${userId} is ${role} in ${organizationId}.${keysLeftSentence(keys)}` };
  },
};
