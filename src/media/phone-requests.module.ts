import { Module } from '@nestjs/common';
import { BaileysModule } from '../baileys/baileys.module.js';
import { DomainEventsModule } from '../common/domain-events.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { SecretsModule } from '../secrets/secrets.module.js';
import { TickerModule } from '../ticker/ticker.module.js';
import { MediaDownloadsModule } from './media-downloads.module.js';
import { PhoneRequests } from './phone-requests.js';

/** Asking phones for files, where sessions can be reached. */
@Module({
  imports: [
    BaileysModule,
    DomainEventsModule,
    MediaDownloadsModule,
    RepositoriesModule,
    SecretsModule,
    TickerModule,
  ],
  providers: [PhoneRequests],
})
export class PhoneRequestsModule {}
