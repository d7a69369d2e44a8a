import { Module } from '@nestjs/common';
import { InboxDecoder } from '../common/inbox.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { SecretBoxModule } from '../secrets/secret-box.module.js';
import { SecretsModule } from '../secrets/secrets.module.js';
import { BaileysInboxDecoder } from './decoding/message-decoder.js';
import { StoredSessionsCheck } from './storage/stored-sessions-check.js';

/** Reading what was received, which needs no session, but the key that sessions seal with. */
@Module({
  imports: [RepositoriesModule, SecretBoxModule, SecretsModule],
  providers: [{ provide: InboxDecoder, useClass: BaileysInboxDecoder }, StoredSessionsCheck],
  exports: [InboxDecoder],
})
export class InboxDecodingModule {}
