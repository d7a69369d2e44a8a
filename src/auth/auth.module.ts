import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { SecretBoxModule } from '../secrets/secret-box.module.js';
import { ApiKeyHasher } from './api-key-hasher.js';
import { AuthGuard } from './auth.guard.js';
import { Authenticator } from './authenticator.js';
import { AccessDeclarationCheck } from './access-declaration-check.js';
import { SharedSecretCheck } from './shared-secret-check.js';
import { UserTokens } from './user-tokens.js';
import { AuthConfigCheck } from './auth-config-check.js';

/** Authentication of every route, by default. */
@Module({
  imports: [DiscoveryModule, RepositoriesModule, SecretBoxModule],
  providers: [
    ApiKeyHasher,
    Authenticator,
    AccessDeclarationCheck,
    SharedSecretCheck,
    {
      provide: UserTokens,
      inject: [AppConfig, Logs],
      useFactory: (config: AppConfig, logs: Logs) => UserTokens.open(config, logs),
    },
    AuthConfigCheck,
    { provide: APP_GUARD, useClass: AuthGuard },
  ],
  exports: [ApiKeyHasher, Authenticator],
})
export class AuthModule {}
