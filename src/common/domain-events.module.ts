import { Module } from '@nestjs/common';
import { DomainEventBus } from './domain-events.js';

/** The one `DomainEventBus` of the process. */
@Module({
  providers: [{ provide: DomainEventBus, useFactory: () => new DomainEventBus() }],
  exports: [DomainEventBus],
})
export class DomainEventsModule {}
