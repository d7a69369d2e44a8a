import { ApiParam } from '@nestjs/swagger';
import { component } from './openapi-components.js';

/** Documents the `id` of an organization in a path. */
export const ApiOrganizationId = () =>
  ApiParam({
    name: 'id',
    schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$', example: 'org_123' },
    ...component('parameters', 'OrganizationIdInPath'),
  });
