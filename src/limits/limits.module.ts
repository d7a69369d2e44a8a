import { Module } from '@nestjs/common';
import { DomainEventsModule } from '../common/domain-events.module.js';
import { RedisModule } from '../redis/redis.module.js';
import { CallLimits } from './call-limits.js';
import { PairingLimits } from './pairing-limits.js';
import { RateLimits } from './rate-limits.js';
import { RequestPlaces } from './request-places.js';
import { SignInLimits } from './sign-in-limits.js';

/** How often one may call, shared by all processes where there is Redis; and how much one may have under way. */
@Module({
  imports: [DomainEventsModule, RedisModule],
  providers: [CallLimits, PairingLimits, RateLimits, RequestPlaces, SignInLimits],
  exports: [CallLimits, PairingLimits, RequestPlaces, SignInLimits],
})
export class LimitsModule {}
