import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { callerOf } from './request-caller.js';

/** Gives a handler the `OrganizationScope` in which its caller holds what the route asks for. */
export const Scope = createParamDecorator(
  (_data: unknown, context: ExecutionContext) =>
    callerOf(context.switchToHttp().getRequest<IncomingMessage>()).scope,
);
