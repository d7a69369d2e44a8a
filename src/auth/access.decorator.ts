import { SetMetadata } from '@nestjs/common';
import type { Access as Level } from './principal.js';

export const ACCESS = 'auzap:access';

/**
 * Declares what a controller or handler asks of its caller; a handler's declaration comes before its class's. Nobody may
 * call a route that has neither.
 */
export const Access = (access: Level) => SetMetadata(ACCESS, access);
