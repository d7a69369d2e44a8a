import { Global, Module } from '@nestjs/common';
import { DomainEventBus } from './common/domain-events.js';
import { SecretBox } from './common/secret-box.js';
import { AppConfig } from './config/app-config.js';

/** What exists once for each process and belongs to no room. */
@Global()
@Module({
  providers: [
    { provide: DomainEventBus, useFactory: () => new DomainEventBus() },
    {
      provide: SecretBox,
      inject: [AppConfig],
      useFactory: (config: AppConfig) => new SecretBox([...config.sessionEncryptionKeys]),
    },
  ],
  exports: [DomainEventBus, SecretBox],
})
export class ProcessModule {}
