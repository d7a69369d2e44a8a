import { type DynamicModule, Module } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { ConsoleController } from './console.controller.js';
import { SimulatorControlController } from './simulator-control.controller.js';

/** What the service's own page needs beside the API. */
@Module({})
export class PageModule {
  static with({ whatsappSimulator }: AppConfig): DynamicModule {
    const controllers = [ConsoleController, ...(whatsappSimulator ? [SimulatorControlController] : [])];
    return { module: PageModule, controllers };
  }
}
