import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { scopeOf } from './request-scope.js';

/** Gives a handler the `OrganizationScope` of its caller. */
export const Scope = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  scopeOf(context.switchToHttp().getRequest<IncomingMessage>()),
);
