import { Module } from '@nestjs/common';
import { InboxDecodingModule } from '../baileys/inbox-decoding.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { TickerModule } from '../ticker/ticker.module.js';
import { HistoryFetch } from './history-fetch.js';
import { HistorySettings } from './history-settings.js';
import { HistoryWorker } from './history-worker.js';

/** Fetches and stores what WhatsApp hands over of the time before; the worker starts with the application. */
@Module({
  imports: [InboxDecodingModule, RepositoriesModule, TickerModule],
  providers: [HistoryFetch, HistorySettings, HistoryWorker],
})
export class HistoryModule {}
