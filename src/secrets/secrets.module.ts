import { Global, Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { KeyRollout } from './key-rollout.js';
import { KeyRing } from './key-ring.js';
import { KeyShredder } from './key-shredder.js';
import { OrganizationSecrets } from './organization-secrets.js';

/** Data keys, for every room that opens what is sealed. Needs the global secret box. */
@Global()
@Module({
  imports: [RepositoriesModule],
  providers: [KeyRollout, KeyRing, KeyShredder, OrganizationSecrets],
  exports: [KeyRollout, KeyRing, OrganizationSecrets],
})
export class SecretsModule {}
