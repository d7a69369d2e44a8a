import { type DynamicModule, Global, Module } from '@nestjs/common';
import { AppConfig } from './config/app-config.js';
import { Logs } from './logging/logs.js';

/**
 * The two values that a process is started with: its configuration and where its log lines go.
 *
 * The only global module. They are chosen before there is a module, so none can be named that has them: an import of a dynamic
 * module elsewhere would be another instance. All else is imported by the module that injects it.
 */
@Global()
@Module({})
export class EnvironmentModule {
  /**
   * @param config what `loadConfig` read; tests give their own
   * @param logs where lines go
   */
  static with(config: AppConfig, logs: Logs): DynamicModule {
    return {
      module: EnvironmentModule,
      providers: [
        { provide: AppConfig, useValue: config },
        { provide: Logs, useValue: logs },
      ],
      exports: [AppConfig, Logs],
    };
  }
}
