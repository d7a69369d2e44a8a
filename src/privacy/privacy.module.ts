import { Module } from '@nestjs/common';
import { InboxDecodingModule } from '../baileys/inbox-decoding.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { TickerModule } from '../ticker/ticker.module.js';
import { ContactErasure } from './contact-erasure.js';
import { ContactExport } from './contact-export.js';
import { ContactRightsController } from './contact-rights.controller.js';
import { ErasureSettings } from './erasure-settings.js';
import { ErasuresController } from './erasures.controller.js';
import { ExportPlaces } from './export-places.js';
import { RetentionController } from './retention.controller.js';
import { ContactExportRepository } from './contact-export.repository.js';
import { ErasuresRepository } from './erasures.repository.js';
import { RetentionRepository } from './retention.repository.js';

/** REST of people's rights and of retention. */
@Module({
  imports: [InboxDecodingModule, RepositoriesModule, TickerModule],
  controllers: [ContactRightsController, ErasuresController, RetentionController],
  providers: [
    ContactExportRepository,
    ErasuresRepository,
    RetentionRepository,
    ContactExport,
    ContactErasure,
    ExportPlaces,
    { provide: ErasureSettings, useFactory: () => new ErasureSettings() },
  ],
})
export class PrivacyModule {}
