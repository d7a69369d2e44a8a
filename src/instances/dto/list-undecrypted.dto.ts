import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOneOf, OptionalField } from '../../http/field-rules.js';
import { PageDto } from '../../http/page.dto.js';
import { UNDECRYPTED_STATES, type UndecryptedState } from '../integrity.repository.js';

/** Query of `GET /api/whatsapp/instances/:id/integrity/undecrypted`. */
export class ListUndecryptedDto extends PageDto {
  @ApiPropertyOptional({ type: String, enum: UNDECRYPTED_STATES })
  @OptionalField()
  @IsOneOf(UNDECRYPTED_STATES)
  state?: UndecryptedState;
}
