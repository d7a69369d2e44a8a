import { AppError } from '../common/app-error.js';
import { ORGANIZATION_ID_PATTERN } from '../common/organization-scope.js';
import { OrganizationsRepository } from '../repositories/organizations.repository.js';
import { type AdminCommand, argumentsOf, operationIn, textOf, UsageError } from './admin-command.js';

/** Makes a tenant. */
export const createOrganization: AdminCommand = {
  usage: 'create-organization <id> [--name <name>]',
  summary: 'Makes an organization.',
  options: { name: { type: 'string' } },
  operation: ({ positionals }) => operationIn(positionals[0]),
  async run(input, context) {
    const [id = ''] = argumentsOf(input, ['the id']);
    if (!ORGANIZATION_ID_PATTERN.test(id)) {
      throw new UsageError('the id has 1 to 64 characters out of A-Z, a-z, 0-9, _ and -');
    }
    const organizations = new OrganizationsRepository(context.client);
    if ((await organizations.ensureOrganization(id, textOf(input, 'name') ?? id)) === null) {
      throw new AppError('organization_exists');
    }
    return { note: `Organization ${id} is made.` };
  },
};
