import { Module } from '@nestjs/common';
import { HistoryDecoder } from '../common/history.js';
import { InboxDecoder } from '../common/inbox.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { SecretBoxModule } from '../secrets/secret-box.module.js';
import { SecretsModule } from '../secrets/secrets.module.js';
import { BaileysHistoryDecoder } from './decoding/history-decoder.js';
import { BaileysInboxDecoder } from './decoding/message-decoder.js';
import { StoredSessionsCheck } from './storage/stored-sessions-check.js';

/** Reading what was received, which needs no session, but the key that sessions seal with. */
@Module({
  imports: [RepositoriesModule, SecretBoxModule, SecretsModule],
  providers: [
    { provide: InboxDecoder, useClass: BaileysInboxDecoder },
    { provide: HistoryDecoder, useClass: BaileysHistoryDecoder },
    StoredSessionsCheck,
  ],
  exports: [HistoryDecoder, InboxDecoder],
})
export class InboxDecodingModule {}
