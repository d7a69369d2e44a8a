import { ExpiryField } from './expiry-field.js';
import { NameField } from './name-field.js';

/** Body of `POST /api/admin/api-keys`. */
export class CreateAdminApiKeyDto {
  @NameField({ isRequired: true, example: 'Booking site' })
  name: string;

  @ExpiryField('When the key ends; never where left out.')
  expires_at?: string | null;
}
