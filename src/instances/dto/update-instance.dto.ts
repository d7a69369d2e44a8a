import { InstanceNameField, PhoneNumberField } from './instance-rules.js';

/** Body of `PATCH /api/whatsapp/instances/:id`; at least one field. */
export class UpdateInstanceDto {
  @PhoneNumberField("The owner's number; null forgets it.")
  phone_number?: string | null;

  @InstanceNameField({ isRequired: false })
  instance_name?: string;
}
