import { Injectable } from '@nestjs/common';
import { organizationOf } from '../auth/organization-of.js';
import { SessionsService } from '../baileys/sessions.service.js';
import { InvalidInputError, NotFoundError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import type { Instance } from '../repositories/instance.js';
import { OrganizationsRepository } from '../repositories/organizations.repository.js';
import type { CreateInstanceDto } from './dto/create-instance.dto.js';
import type { UpdateInstanceDto } from './dto/update-instance.dto.js';

/** The instances as objects: made, read, changed, deleted. */
@Injectable()
export class InstancesService {
  constructor(
    private readonly instances: InstancesRepository,
    private readonly organizations: OrganizationsRepository,
    private readonly sessions: SessionsService,
  ) {}

  /** @throws ForbiddenError `organization_forbidden` for an organization out of scope */
  async createInstance(scope: OrganizationScope, input: CreateInstanceDto): Promise<Instance> {
    const organizationId = organizationOf(scope, input.organization_id);
    await this.organizations.ensureOrganization(organizationId);
    return this.instances.insertInstance({
      organizationId,
      instanceName: input.instance_name,
      phoneNumber: input.phone_number ?? null,
    });
  }

  /**
   * @param read as it was read already, if it was
   * @throws NotFoundError `instance_not_found`, also for a deleted one and for another organization's
   */
  async getInstance(scope: OrganizationScope, id: string, read?: Instance | null): Promise<Instance> {
    return found(await this.instances.findInstance(scope, id, { read }));
  }

  /**
   * @throws InvalidInputError `validation_failed` when there is nothing to change
   * @throws NotFoundError as `getInstance`
   */
  async updateInstance(scope: OrganizationScope, id: string, input: UpdateInstanceDto): Promise<Instance> {
    if (input.phone_number === undefined && input.instance_name === undefined) {
      const message = 'The input is invalid: give phone_number, instance_name or both.';
      const details = [{ path: '', message: 'give phone_number, instance_name or both' }];
      throw new InvalidInputError('validation_failed', message, { details });
    }
    const changes = {
      ...(input.phone_number === undefined ? {} : { phoneNumber: input.phone_number }),
      ...(input.instance_name === undefined ? {} : { instanceName: input.instance_name }),
    };
    return found(await this.instances.updateInstance(scope, id, changes));
  }

  /**
   * Logs the device out of WhatsApp, wipes its session and marks the instance as deleted.
   * @returns `pending`: the process that runs it did not answer in time, and will do it
   * @throws NotFoundError as `getInstance`
   */
  async deleteInstance(scope: OrganizationScope, id: string): Promise<'done' | 'pending'> {
    const instance = await this.getInstance(scope, id);
    return this.sessions.logoutAndWipe(instance, { deleted: true });
  }
}

/** @throws NotFoundError `instance_not_found` for null */
export function found(instance: Instance | null): Instance {
  if (instance === null) {
    throw new NotFoundError('instance_not_found', 'There is no instance with this id.');
  }
  return instance;
}
