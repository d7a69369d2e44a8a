import { ApiProperty } from '@nestjs/swagger';
import type { CalendarFeed } from './calendar.repository.js';

/** An address under which calendars read bookings, without its secret part. */
export class CalendarFeedResponse {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;

  @ApiProperty({ type: String, example: 'org_123' })
  organization_id: string;

  @ApiProperty({ type: String, example: "Ana's phone" })
  name: string;

  @ApiProperty({ type: String, format: 'date-time' })
  created_at: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it got its present address; null: when it was made.',
  })
  rotated_at: string | null;
}

/** @returns a feed as REST shows it */
export function toCalendarFeedResponse(feed: CalendarFeed): CalendarFeedResponse {
  return {
    id: feed.id,
    organization_id: feed.organizationId,
    name: feed.name,
    created_at: feed.createdAt,
    rotated_at: feed.rotatedAt,
  };
}
