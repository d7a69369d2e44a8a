import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOneOf, OptionalField } from '../../http/field-rules.js';
import { PageDto } from '../../http/page.dto.js';
import { DELIVERY_STATUSES, type DeliveryStatus } from '../webhook-deliveries.repository.js';

/** Query of `GET /api/webhooks/:id/deliveries`. */
export class ListDeliveriesDto extends PageDto {
  @ApiPropertyOptional({ type: String, enum: DELIVERY_STATUSES })
  @OptionalField()
  @IsOneOf(DELIVERY_STATUSES)
  status?: DeliveryStatus;
}
