import { Global, Module } from '@nestjs/common';
import { CallLimits } from './call-limits.js';
import { RateLimits } from './rate-limits.js';

/** How often one may call. Shared by all processes where there is Redis. */
@Global()
@Module({ providers: [CallLimits, RateLimits], exports: [CallLimits] })
export class LimitsModule {}
