import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  IsOrganizationId,
  IsPhoneNumberDigits,
  IsText,
  NullableField,
  OptionalField,
} from '../../http/field-rules.js';

const MAX_NAME_LENGTH = 100;

/** A required `organization_id` in a body or query. */
export function OrganizationIdField(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ type: String, example: 'org_123', pattern: '^[A-Za-z0-9_-]{1,64}$' }),
    IsOrganizationId(),
  );
}

/** An optional, nullable `phone_number`: digits with country code. */
export function PhoneNumberField(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      type: String,
      nullable: true,
      pattern: '^[0-9]{7,15}$',
      example: '5511999887766',
      description,
    }),
    NullableField(),
    IsPhoneNumberDigits(),
  );
}

/** An `instance_name`, trimmed. */
export function InstanceNameField(options: { isRequired: boolean }): PropertyDecorator {
  const documented = { type: String, example: 'Main WhatsApp', minLength: 1, maxLength: MAX_NAME_LENGTH };
  return applyDecorators(
    ...(options.isRequired ? [ApiProperty(documented)] : [ApiPropertyOptional(documented), OptionalField()]),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value)),
    IsText({ max: MAX_NAME_LENGTH }),
  );
}
