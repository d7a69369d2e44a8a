import { type DynamicModule, Module } from '@nestjs/common';
import { BackgroundJobsModule } from './background-jobs.module.js';
import type { AppConfig } from './config/app-config.js';
import { EnvironmentModule } from './environment.module.js';
import { WorkerHealthModule } from './health/worker-health.module.js';
import { requestIdOf } from './http/request-id.js';
import { HttpLoggingModule } from './logging/http-logging.module.js';
import type { Logs } from './logging/logs.js';

/** The inbox worker alone: no HTTP but health probes where they are asked for, no sockets, no WhatsApp sessions. */
@Module({})
export class InboxWorkerAppModule {
  static async with(config: AppConfig, logs: Logs): Promise<DynamicModule> {
    return {
      module: InboxWorkerAppModule,
      imports: [
        EnvironmentModule.with(config, logs),
        HttpLoggingModule.with(logs, requestIdOf),
        await BackgroundJobsModule.with(config),
        ...(config.workerHealth ? [WorkerHealthModule] : []),
      ],
    };
  }
}
