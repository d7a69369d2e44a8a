import { OrganizationPageDto } from '../../http/organization-page.dto.js';
import { UuidField } from '../../http/uuid-field.decorator.js';

/** Query of `GET /api/groups`. */
export class ListGroupsDto extends OrganizationPageDto {
  @UuidField('Only groups of this instance.')
  instance_id?: string;
}
