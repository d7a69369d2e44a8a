import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { BaileysModule } from '../baileys/baileys.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { ChatsController } from './chats.controller.js';
import { ChatsService } from './chats.service.js';
import { LinkPreviewsModule } from '../link-previews/link-previews.module.js';
import { UploadsModule } from '../uploads/uploads.module.js';
import { ConnectionController } from './connection.controller.js';
import { ConnectionService } from './connection.service.js';
import { HistoryController } from './history.controller.js';
import { InstancesController } from './instances.controller.js';
import { InstancesService } from './instances.service.js';
import { IntegrityController } from './integrity.controller.js';
import { MessageChangesController } from './message-changes.controller.js';
import { MessageChangesService } from './message-changes.service.js';
import { OutgoingContents } from './outgoing-contents.js';
import { OutgoingMessageController } from './outgoing-message.controller.js';
import { OutgoingMessageService } from './outgoing-message.service.js';
import { Recipients } from './recipients.js';
import { IntegrityRepository } from './integrity.repository.js';
import { PacingController } from './pacing.controller.js';
import { PacingRepository } from './pacing.repository.js';

/** REST of the WhatsApp instances. */
@Module({
  imports: [AuditModule, BaileysModule, LimitsModule, LinkPreviewsModule, RepositoriesModule, UploadsModule],
  controllers: [
    InstancesController,
    ConnectionController,
    ChatsController,
    OutgoingMessageController,
    MessageChangesController,
    IntegrityController,
    PacingController,
    HistoryController,
  ],
  providers: [
    ChatsService,
    IntegrityRepository,
    PacingRepository,
    InstancesService,
    ConnectionService,
    MessageChangesService,
    OutgoingContents,
    OutgoingMessageService,
    Recipients,
  ],
})
export class InstancesModule {}
