import { Module } from '@nestjs/common';
import { SecretBox } from '../common/secret-box.js';
import { AppConfig } from '../config/app-config.js';

/** The one `SecretBox` of the process, with the keys of `SESSION_ENCRYPTION_KEY`. */
@Module({
  providers: [
    {
      provide: SecretBox,
      inject: [AppConfig],
      useFactory: (config: AppConfig) => new SecretBox([...config.sessionEncryptionKeys]),
    },
  ],
  exports: [SecretBox],
})
export class SecretBoxModule {}
