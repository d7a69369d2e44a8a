import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { TickerModule } from '../ticker/ticker.module.js';
import { MessageSearchRepository } from './message-search.repository.js';
import { SearchIndexer } from './search-indexer.js';

/** Keeps what searches look up; the worker starts with the application. */
@Module({
  imports: [RepositoriesModule, TickerModule],
  providers: [MessageSearchRepository, SearchIndexer],
})
export class SearchModule {}
