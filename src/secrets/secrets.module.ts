import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { TickerModule } from '../ticker/ticker.module.js';
import { KeyRollout } from './key-rollout.js';
import { KeyRing } from './key-ring.js';
import { KeyShredder } from './key-shredder.js';
import { OrganizationSecrets } from './organization-secrets.js';
import { SecretBoxModule } from './secret-box.module.js';

/** Data keys, for every room that opens what is sealed. */
@Module({
  imports: [RepositoriesModule, SecretBoxModule, TickerModule],
  providers: [KeyRollout, KeyRing, KeyShredder, OrganizationSecrets],
  exports: [KeyRollout, KeyRing, OrganizationSecrets],
})
export class SecretsModule {}
