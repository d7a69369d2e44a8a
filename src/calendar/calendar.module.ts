import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { CalendarController } from './calendar.controller.js';
import { CalendarFeedsController } from './calendar-feeds.controller.js';
import { CalendarFeedsService } from './calendar-feeds.service.js';
import { CalendarRepository } from './calendar.repository.js';

/** Bookings in people's calendars. */
@Module({
  imports: [AuthModule, RepositoriesModule],
  controllers: [CalendarFeedsController, CalendarController],
  providers: [CalendarFeedsService, CalendarRepository],
})
export class CalendarModule {}
