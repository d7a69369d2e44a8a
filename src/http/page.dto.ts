import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsText, IsWholeNumber, OptionalField } from './field-rules.js';
import { component } from './openapi-components.js';

const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 100;

/** Turns the digits of a query string into a number and leaves everything else for the rules to judge. */
export function toWholeNumber({ value }: { value: unknown }): unknown {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
}

/** What every list takes: newest first, `limit` at a time. */
export class PageDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_PAGE_SIZE,
    default: DEFAULT_PAGE_SIZE,
    ...component('parameters', 'Limit'),
  })
  @Transform(toWholeNumber)
  @OptionalField()
  @IsWholeNumber(1, MAX_PAGE_SIZE)
  limit: number = DEFAULT_PAGE_SIZE;

  @ApiPropertyOptional({
    type: String,
    maxLength: 512,
    description: '`next_cursor` or `previous_cursor` of another page, with the same filters; opaque.',
    ...component('parameters', 'Cursor'),
  })
  @OptionalField()
  @IsText({ max: 512 })
  cursor?: string;
}
