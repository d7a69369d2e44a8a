import { Module } from '@nestjs/common';
import { RepositoriesModule } from '../repositories/repositories.module.js';
import { BookingsController } from './bookings.controller.js';

/** REST of the bookings. */
@Module({ imports: [RepositoriesModule], controllers: [BookingsController] })
export class BookingsModule {}
