import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { AdminModule } from '../../src/admin/admin.module.js';
import { setUpApp } from '../../src/app.setup.js';
import { AuditModule } from '../../src/audit/audit.module.js';
import { AuthModule } from '../../src/auth/auth.module.js';
import { BaileysModule } from '../../src/baileys/baileys.module.js';
import { BaileysInboxDecoder } from '../../src/baileys/message-decoder.js';
import { SessionsService } from '../../src/baileys/sessions.service.js';
import { BookingsModule } from '../../src/bookings/bookings.module.js';
import { InboxDecoder } from '../../src/common/inbox.js';
import { AppConfig } from '../../src/config/app-config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { loadConfig } from '../../src/config/load-config.js';
import { ContactsModule } from '../../src/contacts/contacts.module.js';
import { HealthModule } from '../../src/health/health.module.js';
import { requestIdOf } from '../../src/http/request-id.js';
import { InstancesModule } from '../../src/instances/instances.module.js';
import { LimitsModule } from '../../src/limits/limits.module.js';
import { LoggingModule } from '../../src/logging/logging.module.js';
import { PinoLogs } from '../../src/logging/pino-logs.js';
import { MessagesModule } from '../../src/messages/messages.module.js';
import { NotesModule } from '../../src/notes/notes.module.js';
import { OrganizationsModule } from '../../src/organizations/organizations.module.js';
import { PrivacyModule } from '../../src/privacy/privacy.module.js';
import { ProcessModule } from '../../src/process.module.js';
import { BullmqModule } from '../../src/queue/bullmq.module.js';
import { QueueModule } from '../../src/queue/queue.module.js';
import { SessionStoreRepository } from '../../src/repositories/session-store.repository.js';
import { AnnouncerModule } from '../../src/realtime/announcer.module.js';
import { RealtimeModule } from '../../src/realtime/realtime.module.js';
import { RedisModule } from '../../src/redis/redis.module.js';
import { SecretsModule } from '../../src/secrets/secrets.module.js';
import { SupabaseModule } from '../../src/supabase/supabase.module.js';
import { ApiClient } from '../support/api-client.js';
import { expectDiscreetLog, secretsOf } from '../support/discreet-log.js';
import { FakeSessions } from './http-fake-sessions.js';

// nestjs-pino keeps one HTTP logger for the whole process: a second application would write to the closed log of the first.
const logFile = join(tmpdir(), `auzap-http-${process.pid}.log`);
const logs = new PinoLogs({ level: 'debug', file: logFile, stdout: false });
process.once('exit', () => rmSync(logFile, { force: true }));

/** REST and Socket.IO over a real database, with sessions that only pretend to know WhatsApp. */
export interface HttpApp {
  app: NestExpressApplication;
  url: string;
  api: ApiClient;
  sessions: FakeSessions;
  dataDir: string;
  logFile: string;
  /** Throws where the log shows what no log may show. */
  stop(): Promise<void>;
}

/** @param environment as an operator would set it */
export async function startHttpApp(environment: Record<string, string> = {}): Promise<HttpApp> {
  const folder = await mkdtemp(join(tmpdir(), 'auzap-http-'));
  const config = new AppConfig(
    loadConfig({
      NODE_ENV: 'test',
      PORT: '0',
      DATA_DIR: join(folder, 'data'),
      LOG_FILE: logFile,
      ...environment,
    }),
  );
  const sessions = new FakeSessions();

  @Global()
  @Module({
    providers: [
      { provide: SessionsService, useValue: sessions },
      { provide: InboxDecoder, useClass: BaileysInboxDecoder },
    ],
    exports: [SessionsService, InboxDecoder],
  })
  class FakeBaileysModule {}

  const testing = await Test.createTestingModule({
    imports: [
      ConfigModule.with(config),
      LoggingModule.with(logs, requestIdOf),
      ProcessModule,
      SupabaseModule,
      SecretsModule,
      ...(config.redisUrl === undefined ? [] : [RedisModule, AnnouncerModule]),
      ...(config.queueDriver === 'bullmq' ? [BullmqModule] : []),
      QueueModule,
      AuthModule,
      LimitsModule,
      AuditModule,
      RealtimeModule,
      InstancesModule,
      ContactsModule,
      MessagesModule,
      BookingsModule,
      NotesModule,
      OrganizationsModule,
      PrivacyModule,
      AdminModule,
      HealthModule,
    ],
  })
    .overrideModule(BaileysModule)
    .useModule(FakeBaileysModule)
    .compile();
  const app = testing.createNestApplication<NestExpressApplication>({ bodyParser: false, logger: false });
  const store = app.get(SessionStoreRepository, { strict: false });
  sessions.wipe = (instanceId, options) => store.wipeSession(instanceId, options);
  try {
    setUpApp(app, config);
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const url = await app.getUrl();
  return {
    app,
    url,
    api: new ApiClient(url),
    sessions,
    dataDir: config.dataDir,
    logFile,
    stop: async () => {
      await app.close();
      await rm(folder, { recursive: true, force: true });
      await expectDiscreetLog(logFile, secretsOf(environment));
    },
  };
}
