import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** One fault of an input, as the API documentation shows it. */
export class ErrorDetailResponse {
  @ApiProperty({
    type: String,
    example: 'phone_number',
    description: 'The field; empty for the request as a whole.',
  })
  path: string;

  @ApiProperty({ type: String, example: 'is required' })
  message: string;
}

/** The body of every failed call, as the API documentation shows it. */
export class ErrorResponse {
  @ApiProperty({ type: Boolean, enum: [false], example: false })
  success: false;

  @ApiProperty({ type: String, description: 'One sentence for people.' })
  error: string;

  @ApiProperty({ type: String, description: 'Stable, for programs.' })
  code: string;

  @ApiProperty({ type: String, description: 'Also in the `x-request-id` header; finds the call in the log.' })
  requestId: string;

  @ApiPropertyOptional({
    type: [ErrorDetailResponse],
    description: 'Faults by field: with each 400, and with no other.',
  })
  details?: ErrorDetailResponse[];

  @ApiPropertyOptional({
    type: 'integer',
    description: 'With `events_expired` alone: sequence of the oldest event that is kept.',
  })
  oldest?: number;
}
