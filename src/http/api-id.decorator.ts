import { ApiParam } from '@nestjs/swagger';
import { component } from './openapi-components.js';

/**
 * Documents a UUID in a path.
 * @param name of the parameter
 */
export const ApiId = (name = 'id') =>
  ApiParam({
    name,
    schema: { type: 'string', format: 'uuid' },
    ...component('parameters', name.charAt(0).toUpperCase() + name.slice(1)),
  });
