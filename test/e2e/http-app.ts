import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { afterAll } from 'vitest';
import { AppModule } from '../../src/app.module.js';
import { setUpApp } from '../../src/app.setup.js';
import { BaileysModule } from '../../src/baileys/baileys.module.js';
import { SessionsService } from '../../src/baileys/sessions.service.js';
import { AppConfig } from '../../src/config/app-config.js';
import { loadConfig } from '../../src/config/load-config.js';
import { PinoLogs } from '../../src/logging/pino-logs.js';
import { MaintenanceModule } from '../../src/privacy/maintenance.module.js';
import { LogoutsRepository } from '../../src/repositories/logouts.repository.js';
import { SessionStoreRepository } from '../../src/repositories/session-store.repository.js';
import { InboxProcessorModule } from '../../src/routing/inbox-processor.module.js';
import { RoutingModule } from '../../src/routing/routing.module.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { ApiClient } from '../support/api-client.js';
import { expectNoLeakInFile, secretsOf } from '../support/log-leaks.js';
import { storeOfProcess } from '../support/store-under-test.js';
import { FakeSessions } from './http-fake-sessions.js';

// nestjs-pino keeps one HTTP logger for the whole process: a second application would write to the closed log of the first.
const logFile = join(tmpdir(), `auzap-http-${process.pid}.log`);
const logs = new PinoLogs({ level: 'debug', file: logFile, stdout: false });
// The first hook, so the last one to run.
afterAll(() => rm(logFile, { force: true }));

/** The service itself, over a real database, with sessions that only pretend to know WhatsApp and nobody who works on the inbox. */
export interface HttpApp {
  app: NestExpressApplication;
  url: string;
  api: ApiClient;
  sessions: FakeSessions;
  dataDir: string;
  /** What a command of the operator is told, to find the same database. */
  storeEnvironment: Record<string, string>;
  logFile: string;
  /** Throws where the log shows what no log may show. */
  stop(): Promise<void>;
}

/** In place of what works in the background. */
@Module({})
class NoWorkModule {}

/** @param environment as an operator would set it */
export async function startHttpApp(environment: Record<string, string> = {}): Promise<HttpApp> {
  const folder = await mkdtemp(join(tmpdir(), 'auzap-http-'));
  const place = await storeOfProcess(join(folder, 'data'), environment);
  const config = new AppConfig(
    loadConfig({
      NODE_ENV: 'test',
      PORT: '0',
      DATA_DIR: join(folder, 'data'),
      LOG_FILE: logFile,
      ...place.environment,
      ...environment,
    }),
  );
  const sessions = new FakeSessions();

  @Module({ providers: [{ provide: SessionsService, useValue: sessions }], exports: [SessionsService] })
  class FakeBaileysModule {}

  const testing = await Test.createTestingModule({ imports: [await AppModule.with(config, logs)] })
    .overrideModule(BaileysModule)
    .useModule(FakeBaileysModule)
    .overrideModule(RoutingModule)
    .useModule(NoWorkModule)
    .overrideModule(InboxProcessorModule)
    .useModule(NoWorkModule)
    .overrideModule(MaintenanceModule)
    .useModule(NoWorkModule)
    .compile();
  const app = testing.createNestApplication<NestExpressApplication>({ bodyParser: false, logger: false });
  const store = app.get(SessionStoreRepository, { strict: false });
  const logouts = app.get(LogoutsRepository, { strict: false });
  sessions.logOutInDatabase = async (instanceId, isOver) => {
    await logouts.begin(instanceId, 86_400);
    if (isOver) {
      await store.wipeSession(instanceId, { deleted: true, logout: 'confirmed' });
    }
  };
  try {
    setUpApp(app, config);
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close();
    await rm(folder, { recursive: true, force: true });
    await place.close();
    throw error;
  }
  if (place.sql) {
    app.get<OpenDatabase>(OPEN_DATABASE, { strict: false }).sql = place.sql;
  }
  const url = await app.getUrl();
  return {
    app,
    url,
    api: new ApiClient(url),
    sessions,
    dataDir: config.dataDir,
    storeEnvironment: { DATA_DIR: config.dataDir, ...place.environment },
    logFile,
    stop: async () => {
      await app.close();
      await rm(folder, { recursive: true, force: true });
      await place.close();
      await expectNoLeakInFile(logFile, secretsOf(environment));
    },
  };
}
