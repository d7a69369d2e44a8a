import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOneOf, OptionalField } from '../../http/field-rules.js';
import { component } from '../../http/openapi-components.js';
import type { KeysMade } from '../../repositories/api-key.js';

const OF_ORGANIZATION: readonly KeysMade[] = ['revoke', 'keep'];
const OF_SERVICE: readonly KeysMade[] = [...OF_ORGANIZATION, 'all'];

/** Query of routes after which somebody may do less: what becomes of the keys that they made. */
export class KeysQueryDto {
  @ApiPropertyOptional({
    type: String,
    enum: OF_ORGANIZATION,
    default: 'revoke',
    description: 'What becomes of the keys made by whoever goes, or may do less: they end, or stay.',
    ...component('parameters', 'Keys'),
  })
  @OptionalField()
  @IsOneOf(OF_ORGANIZATION)
  keys: KeysMade = 'revoke';
}

/** As `KeysQueryDto`, for a key of the whole service. */
export class AdminKeysQueryDto {
  @ApiPropertyOptional({
    type: String,
    enum: OF_SERVICE,
    default: 'revoke',
    description:
      'What becomes of the keys that it made: those of the whole service end, all of them stay, or those of organizations end, too.',
  })
  @OptionalField()
  @IsOneOf(OF_SERVICE)
  keys: KeysMade = 'revoke';
}
