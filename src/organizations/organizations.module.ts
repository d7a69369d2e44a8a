import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { BaileysModule } from '../baileys/baileys.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { TickerModule } from '../ticker/ticker.module.js';
import { AdminApiKeysController } from './admin-api-keys.controller.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeysService } from './api-keys.service.js';
import { ClosingResumer } from './closing-resumer.js';
import { InvitationsController } from './invitations.controller.js';
import { InvitationsService } from './invitations.service.js';
import { MeController } from './me.controller.js';
import { MembersController } from './members.controller.js';
import { MembersService } from './members.service.js';
import { OrganizationsController } from './organizations.controller.js';
import { OrganizationsService } from './organizations.service.js';

/** REST of tenants, their members and keys. */
@Module({
  imports: [AuthModule, BaileysModule, QueueModule, RepositoriesModule, TickerModule],
  controllers: [
    OrganizationsController,
    MembersController,
    InvitationsController,
    MeController,
    ApiKeysController,
    AdminApiKeysController,
  ],
  providers: [ApiKeysService, ClosingResumer, InvitationsService, MembersService, OrganizationsService],
})
export class OrganizationsModule {}
