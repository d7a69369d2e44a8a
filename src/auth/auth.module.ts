import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AuthGuard } from './auth.guard.js';
import { Authenticator } from './authenticator.js';
import { DeclaredAccess } from './declared-access.js';

/** Authentication of every route, by default. */
@Module({
  imports: [DiscoveryModule],
  providers: [Authenticator, DeclaredAccess, { provide: APP_GUARD, useClass: AuthGuard }],
  exports: [Authenticator],
})
export class AuthModule {}
