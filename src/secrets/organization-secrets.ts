import { Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import { DataKeys, makeDataKey } from '../common/data-keys.js';
import { SecretBox } from '../common/secret-box.js';
import { DataKeysRepository, type OfferedOrganizationKey } from '../repositories/data-keys.repository.js';

/**
 * Seals what belongs to an organization and to none of its instances, e.g. signing secrets of its webhooks. Each call asks the
 * database for the key: to be used where a secret is stored or loaded, not for each use of it.
 */
@Injectable()
export class OrganizationSecrets {
  constructor(
    private readonly repository: DataKeysRepository,
    private readonly master: SecretBox,
  ) {}

  /**
   * @param context what the secret is and whose, e.g. `['webhook secret', endpointId]`; needed to open it
   * @throws AppError when there is no such organization
   */
  async seal(organizationId: string, secret: Uint8Array, context: readonly string[]): Promise<Buffer> {
    const offered = offerOrganizationKey(this.master, organizationId);
    const keys = await this.repository.listOfOrganization(organizationId, offered);
    if (keys.length === 0) {
      throw new AppError('organization_not_found');
    }
    return this.unwrap(organizationId, keys).seal(secret, [organizationId, ...context]);
  }

  /** @throws Error when it was changed or moved, or the organization's keys are gone or can't be opened */
  async open(organizationId: string, sealed: Uint8Array, context: readonly string[]): Promise<Buffer> {
    const keys = await this.repository.listOfOrganization(organizationId);
    return this.unwrap(organizationId, keys).open(sealed, [organizationId, ...context]);
  }

  private unwrap(id: string, stored: Parameters<typeof DataKeys.unwrap>[2]): DataKeys {
    return DataKeys.unwrap(this.master, { id, purpose: 'organization' }, stored);
  }
}

/** @returns a new data key for an organization that needs one */
export function offerOrganizationKey(master: SecretBox, id: string): OfferedOrganizationKey {
  return { masterIds: master.keyIds, key: makeDataKey(master, { id, purpose: 'organization' }) };
}
