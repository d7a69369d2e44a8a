import { Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import { faultOf } from '../common/fault-of.js';
import { parsePhoneNumber } from '../common/phone-number.js';
import { parseRecipient } from '../common/recipient.js';
import { ContactsRepository } from '../repositories/contacts.repository.js';

/** Whom messages may be for. */
@Injectable()
export class Recipients {
  constructor(private readonly contacts: ContactsRepository) {}

  /**
   * Checks whom a message is for. What we know of numbering plans is no reason to refuse somebody with whom WhatsApp has brought the
   * organization together.
   * @param to as `parseRecipient` takes it
   * @returns the digits of the phone number, or the address with `@lid`
   * @throws AppError `validation_failed`
   */
  async check(organizationId: string, to: string): Promise<string> {
    const address = parseRecipient(to);
    const fault = address.endsWith('@lid') ? undefined : faultOf(() => parsePhoneNumber(address));
    if (fault !== undefined && !(await this.isContact(organizationId, address))) {
      throw new AppError('validation_failed', {
        message: `The input is invalid: to: ${fault}.`,
        details: [{ path: 'to', message: fault }],
      });
    }
    return address;
  }

  private async isContact(organizationId: string, phoneNumber: string): Promise<boolean> {
    const { items } = await this.contacts.searchContacts(organizationId, { phoneNumber, limit: 1 });
    return items.length > 0;
  }
}
