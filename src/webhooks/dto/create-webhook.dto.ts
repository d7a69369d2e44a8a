import { OrganizationDto } from '../../http/organization.dto.js';
import { ALL_EVENTS, DescriptionField, EventsField, InstanceField, UrlField } from './webhook-fields.js';

/** Body of `POST /api/webhooks`. */
export class CreateWebhookDto extends OrganizationDto {
  @UrlField({ isRequired: true })
  url: string;

  @EventsField({ default: [ALL_EVENTS] })
  events: string[] = [ALL_EVENTS];

  @InstanceField()
  instance_id?: string | null;

  @DescriptionField()
  description?: string;
}
