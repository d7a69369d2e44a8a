import { applyDecorators } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { ApiErrors, type DocumentedError } from '../http/api-errors.decorator.js';

const NOT_FOUND: DocumentedError = {
  status: 404,
  description: 'There is no such object, or it belongs to another organization.',
  code: 'organization_not_found',
  error: 'There is no organization with this id.',
};

const CLOSED: DocumentedError = {
  status: 409,
  description:
    'The organization is closed or at a bound, or the object is in a state in which this cannot be done.',
  code: 'organization_closed',
  error: 'The organization is closed: it takes nothing new.',
};

/** Documents the `id` of an organization in a path. */
export const ApiOrganizationId = () =>
  ApiParam({ name: 'id', schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$', example: 'org_123' } });

/**
 * Documents what a route that reads one organization answers when it can't.
 * @param more what it answers besides
 */
export const ApiReadErrors = (...more: DocumentedError[]) => ApiErrors(400, NOT_FOUND, ...more);

/** As `ApiReadErrors`, for a route that changes one. */
export const ApiWriteErrors = () => applyDecorators(ApiErrors(400, NOT_FOUND, CLOSED, 413, 415));
