import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { EgressModule } from '../egress/egress.module.js';
import { MediaStoreModule } from '../media-store/media-store.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { UploadsController } from './uploads.controller.js';
import { UploadsRepository } from './uploads.repository.js';
import { UploadsService } from './uploads.service.js';

/** Files that are to be sent. */
@Module({
  imports: [AuditModule, EgressModule, MediaStoreModule, RepositoriesModule],
  controllers: [UploadsController],
  providers: [UploadsRepository, UploadsService],
  exports: [UploadsService],
})
export class UploadsModule {}
