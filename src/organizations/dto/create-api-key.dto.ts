import { ApiProperty } from '@nestjs/swagger';
import type { Permission } from '../../auth/principal.js';
import { fieldRule } from '../../http/field-rule.js';
import { CreateAdminApiKeyDto } from './create-admin-api-key.dto.js';

export const SCOPES: readonly Permission[] = ['read', 'send', 'manage'];

function IsScopeList(): PropertyDecorator {
  return fieldRule('scopes', (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((scope) => SCOPES.includes(scope as Permission)) &&
    new Set(value).size === value.length
      ? undefined
      : `must be a list of ${SCOPES.join(', ')}, each once`,
  );
}

/** Body of `POST /api/organizations/:id/api-keys`. */
export class CreateApiKeyDto extends CreateAdminApiKeyDto {
  @ApiProperty({
    type: [String],
    enum: SCOPES,
    description: 'What the key may do: at most what whoever makes it may.',
    example: ['read', 'send'],
  })
  @IsScopeList()
  scopes: Permission[];
}
