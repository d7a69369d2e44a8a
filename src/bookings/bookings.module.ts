import { Module } from '@nestjs/common';
import { DomainEventsModule } from '../common/domain-events.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { BookingsController } from './bookings.controller.js';
import { BookingsRepository } from './bookings.repository.js';
import { BookingsService } from './bookings.service.js';

/** REST of the bookings. */
@Module({
  imports: [RepositoriesModule, DomainEventsModule],
  controllers: [BookingsController],
  providers: [BookingsRepository, BookingsService],
})
export class BookingsModule {}
