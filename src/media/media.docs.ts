import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';

const BYTES = { '*/*': { schema: { type: 'string', format: 'binary' } } };

const text = (description: string) => ({ description, schema: { type: 'string' } });

const DISPOSITION = { 'Content-Disposition': text('Whether a browser may show it, and its name.') };
const PARTS = { ...DISPOSITION, 'Accept-Ranges': text('`bytes`.') };
const PART = { ...PARTS, 'Content-Range': text('Which part of how many bytes it is.') };

/** Documents an answer with the bytes of a file that is had as a whole. */
export function ApiBytes(description: string, headers: object = DISPOSITION): MethodDecorator {
  return ApiResponse({ status: 200, description, content: BYTES, headers: { ...headers } });
}

/** Documents an answer with the bytes of a file, or with a part of them. */
export function ApiPartialBytes(description: string): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'Range',
      required: false,
      description: 'One part of it.',
      schema: { type: 'string', example: 'bytes=0-1023' },
    }),
    ApiHeader({
      name: 'If-Range',
      required: false,
      description: 'The `ETag` of which `Range` is a part: another file is answered as a whole.',
      schema: { type: 'string' },
    }),
    ApiBytes(description, PARTS),
    ApiResponse({
      status: 206,
      description: 'The part that `Range` names.',
      content: BYTES,
      headers: PART,
    }),
    ApiResponse({ status: 416, description: 'It has no such part.', headers: PART }),
  );
}
