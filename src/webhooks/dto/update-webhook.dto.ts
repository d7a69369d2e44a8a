import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOneOf, OptionalField } from '../../http/field-rules.js';
import { DescriptionField, EventsField, InstanceField, UrlField } from './webhook-fields.js';

/** Body of `PATCH /api/webhooks/:id`; at least one field. */
export class UpdateWebhookDto {
  @UrlField({ isRequired: false })
  url?: string;

  @EventsField({})
  events?: string[];

  @InstanceField()
  instance_id?: string | null;

  @DescriptionField()
  description?: string;

  @ApiPropertyOptional({
    type: String,
    enum: ['paused'],
    description: 'Stops deliveries; nothing that waits is given up, and `resume` goes on with it.',
  })
  @OptionalField()
  @IsOneOf(['paused'])
  state?: 'paused';
}
