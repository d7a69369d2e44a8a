import { NameField } from './name-field.js';

/** Body of `PATCH /api/organizations/:id`. */
export class RenameOrganizationDto {
  @NameField({ isRequired: true, example: 'Clínica Sol' })
  name: string;
}
