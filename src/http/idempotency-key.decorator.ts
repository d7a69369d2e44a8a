import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseIdempotencyKey } from './idempotency-key.js';

/** The header by which a caller names a call. */
const IDEMPOTENCY_KEY = 'Idempotency-Key';

/** Gives a handler the `Idempotency-Key` of the call; undefined where it has none. */
export const IdempotencyKey = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const { headers } = context.switchToHttp().getRequest<IncomingMessage>();
  return parseIdempotencyKey(headers['idempotency-key'] as string | undefined);
});

/** Documents that calls under one key make one thing. */
export function ApiIdempotencyKey(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: IDEMPOTENCY_KEY,
      required: false,
      description:
        'Your name for the call: under the same key, the same call is made once, and answered once more with `Idempotency-Replayed: true`.',
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x20-\\x7e]+$' },
    }),
  );
}

/** Says where an earlier call under the same key was made that this is its answer. */
export function markReplay(response: ServerResponse, isReplay: boolean): void {
  if (isReplay) {
    response.setHeader('Idempotency-Replayed', 'true');
  }
}
