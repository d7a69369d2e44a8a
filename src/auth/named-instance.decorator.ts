import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { instanceReadWith } from './authenticate-once.js';

/**
 * Gives a handler the `Instance` that its path names, where it was read when the caller was authenticated: null for one of
 * which the caller may know nothing, undefined where it must be read. Whether the caller may act on it is still to be asked.
 */
export const NamedInstance = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  instanceReadWith(context.switchToHttp().getRequest<IncomingMessage>()),
);
