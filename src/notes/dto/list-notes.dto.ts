import { OrganizationPageDto } from '../../http/organization-page.dto.js';
import { UuidField } from '../../http/uuid-field.decorator.js';

/** Query of `GET /api/notes`. */
export class ListNotesDto extends OrganizationPageDto {
  @UuidField('Only notes written to this contact.')
  contact_id?: string;
}
