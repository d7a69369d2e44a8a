import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsUuid, OptionalField } from './field-rules.js';

/** An optional UUID in a query. */
export function UuidField(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: String, format: 'uuid', description }),
    OptionalField(),
    IsUuid(),
  );
}
