import { ApiParam } from '@nestjs/swagger';

/** Documents the `id` of a path. */
export const ApiId = () => ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } });
