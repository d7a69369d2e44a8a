import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { BookingsController } from './bookings.controller.js';
import { BookingsRepository } from './bookings.repository.js';

/** REST of the bookings. */
@Module({ imports: [RepositoriesModule], controllers: [BookingsController], providers: [BookingsRepository] })
export class BookingsModule {}
