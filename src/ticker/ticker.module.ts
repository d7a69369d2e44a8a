import { Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { TickSettings, tickSettingsFor } from './tick-settings.js';
import { Ticker } from './ticker.js';

/** The clock by which a process asks the database, for every room that does so again and again. */
@Module({
  imports: [RepositoriesModule],
  providers: [
    Ticker,
    {
      provide: TickSettings,
      useFactory: ({ supabaseUrl }: AppConfig) => tickSettingsFor(supabaseUrl !== undefined),
      inject: [AppConfig],
    },
  ],
  exports: [Ticker, TickSettings],
})
export class TickerModule {}
