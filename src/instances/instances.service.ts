import { Injectable } from '@nestjs/common';
import { organizationOf } from '../auth/organization-of.js';
import { SessionsService } from '../baileys/sessions.service.js';
import { AppError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import { once } from '../repositories/once.js';
import type { Instance } from '../repositories/instance.js';
import { type Logout, LogoutsRepository } from '../repositories/logouts.repository.js';
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
    private readonly logouts: LogoutsRepository,
  ) {}

  /** @throws AppError `organization_forbidden` for an organization out of scope */
  async createInstance(
    scope: OrganizationScope,
    input: CreateInstanceDto,
    key?: string,
  ): Promise<{ instance: Instance; isReplay: boolean }> {
    const organizationId = organizationOf(scope, input.organization_id);
    await this.organizations.ensureOrganization(organizationId);
    const { made, isReplay } = await this.instances.insertInstanceOnce(
      { organizationId, instanceName: input.instance_name, phoneNumber: input.phone_number ?? null },
      once('POST /api/whatsapp/instances', key, [input.instance_name, input.phone_number]),
    );
    return { instance: made, isReplay };
  }

  /**
   * @param read as it was read already, if it was
   * @throws AppError `instance_not_found`, also for a deleted one and for another organization's
   */
  async getInstance(scope: OrganizationScope, id: string, read?: Instance | null): Promise<Instance> {
    return found(await this.instances.findInstance(scope, id, { read }));
  }

  /**
   * @throws AppError `validation_failed` when there is nothing to change
   * @throws AppError as `getInstance`
   */
  async updateInstance(scope: OrganizationScope, id: string, input: UpdateInstanceDto): Promise<Instance> {
    const changes = {
      ...(input.phone_number === undefined ? {} : { phoneNumber: input.phone_number }),
      ...(input.instance_name === undefined ? {} : { instanceName: input.instance_name }),
      ...(input.history === undefined ? {} : { historyPolicy: input.history }),
      ...(input.groups === undefined ? {} : { groupPolicy: input.groups }),
    };
    if (Object.keys(changes).length === 0) {
      const wanted = 'give phone_number, instance_name, history, groups or several of them';
      const message = `The input is invalid: ${wanted}.`;
      throw new AppError('validation_failed', { message, details: [{ path: '', message: wanted }] });
    }
    const instance = found(await this.instances.updateInstance(scope, id, changes));
    this.sessions.keepGroups(instance);
    return instance;
  }

  /**
   * Marks the instance as deleted and logs its device out of WhatsApp, which may go on after this; the session is wiped with it.
   * @returns how far that is; null: somebody has restored the instance since
   * @throws AppError as `getInstance`
   */
  async deleteInstance(scope: OrganizationScope, id: string): Promise<Logout | null> {
    const instance = await this.getInstance(scope, id);
    await this.sessions.logOut(instance);
    return this.logouts.find('all', id);
  }

  /** @throws AppError `instance_not_found`; `logout_not_found` for an instance that is not deleted */
  async getLogout(scope: OrganizationScope, id: string): Promise<Logout> {
    const logout = await this.logouts.find(scope, id);
    if (logout === null) {
      found(await this.instances.findInstance(scope, id, { includeDeleted: true }));
      throw new AppError('logout_not_found');
    }
    return logout;
  }
}

/** @throws AppError `instance_not_found` for null */
export function found(instance: Instance | null): Instance {
  if (instance === null) {
    throw new AppError('instance_not_found');
  }
  return instance;
}
