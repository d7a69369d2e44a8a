import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { callerOf } from './request-caller.js';

/** Gives a handler the `Principal` that calls it. */
export const Caller = createParamDecorator(
  (_data: unknown, context: ExecutionContext) =>
    callerOf(context.switchToHttp().getRequest<IncomingMessage>()).principal,
);
