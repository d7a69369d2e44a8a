import { type DynamicModule, Module } from '@nestjs/common';
import { AdminModule } from './admin/admin.module.js';
import { AuditModule } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { BackgroundJobsModule } from './background-jobs.module.js';
import { BaileysModule } from './baileys/baileys.module.js';
import { BookingsModule } from './bookings/bookings.module.js';
import { CalendarModule } from './calendar/calendar.module.js';
import { UploadsModule } from './uploads/uploads.module.js';
import type { AppConfig } from './config/app-config.js';
import { ContactsModule } from './contacts/contacts.module.js';
import { ConversationsModule } from './conversations/conversations.module.js';
import { EgressModule } from './egress/egress.module.js';
import { EnvironmentModule } from './environment.module.js';
import { GroupsModule } from './groups/groups.module.js';
import { HealthModule } from './health/health.module.js';
import { requestIdOf } from './http/request-id.js';
import { InstancesModule } from './instances/instances.module.js';
import { LimitsModule } from './limits/limits.module.js';
import { HttpLoggingModule } from './logging/http-logging.module.js';
import type { Logs } from './logging/logs.js';
import { MediaModule } from './media/media.module.js';
import { PageModule } from './page/page.module.js';
import { PhoneRequestsModule } from './media/phone-requests.module.js';
import { MessagesModule } from './messages/messages.module.js';
import { NotesModule } from './notes/notes.module.js';
import { OrganizationsModule } from './organizations/organizations.module.js';
import { PrivacyModule } from './privacy/privacy.module.js';
import { RealtimeModule } from './realtime/realtime.module.js';
import { SettingsModule } from './organization-settings/settings.module.js';
import { SignInModule } from './sign-in/sign-in.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

/** The whole service in one process: REST, Socket.IO, WhatsApp sessions and, where configured, a worker. */
@Module({})
export class AppModule {
  static async with(config: AppConfig, logs: Logs): Promise<DynamicModule> {
    return {
      module: AppModule,
      imports: [
        EnvironmentModule.with(config, logs),
        HttpLoggingModule.with(logs, requestIdOf),
        EgressModule,
        AuthModule,
        LimitsModule,
        AuditModule,
        BaileysModule,
        await BackgroundJobsModule.with(config),
        RealtimeModule,
        InstancesModule,
        ContactsModule,
        ConversationsModule,
        MessagesModule,
        MediaModule,
        PhoneRequestsModule,
        BookingsModule,
        CalendarModule,
        GroupsModule,
        UploadsModule,
        NotesModule,
        WebhooksModule,
        OrganizationsModule,
        SettingsModule,
        PrivacyModule,
        AdminModule,
        HealthModule,
        SignInModule,
        PageModule.with(config),
      ],
    };
  }
}
