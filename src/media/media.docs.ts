import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';

const BYTES = { '*/*': { schema: { type: 'string', format: 'binary' } } };

/** Documents an answer with the bytes of a file. */
export function ApiBytes(description: string): MethodDecorator {
  return applyDecorators(
    ApiResponse({ status: 200, description, content: BYTES }),
    ApiResponse({ status: 206, description: 'The part that `Range` names.', content: BYTES }),
    ApiResponse({ status: 304, description: 'It is the one of `If-None-Match`.' }),
    ApiResponse({ status: 416, description: 'It has no such part.' }),
  );
}
