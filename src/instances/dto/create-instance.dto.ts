import { InstanceNameField, OrganizationIdField, PhoneNumberField } from './instance-rules.js';

/** Body of `POST /api/whatsapp/instances`. */
export class CreateInstanceDto {
  @OrganizationIdField()
  organization_id: string;

  @InstanceNameField({ isRequired: true })
  instance_name: string;

  @PhoneNumberField("The owner's number; used for the pairing code.")
  phone_number?: string | null;
}
