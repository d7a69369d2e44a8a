import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Principal } from '../auth/principal.js';
import { SessionsService } from '../baileys/sessions.service.js';
import { AppError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { withTimeout } from '../common/with-timeout.js';
import { Logs } from '../logging/logs.js';
import { AccessSignals } from '../queue/access-signals.js';
import type { Instance } from '../repositories/instance.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import { type Logout, LogoutsRepository } from '../repositories/logouts.repository.js';
import { type Made, once } from '../repositories/once.js';
import { type Organization, OrganizationsRepository } from '../repositories/organizations.repository.js';
import type { CreateOrganizationDto } from './dto/create-organization.dto.js';

/** How many instances of a closing organization are logged out at the same time. */
const LOGOUTS_AT_ONCE = 10;
const CLOSE_ANSWER_MS = 30_000;

/** The tenants: made, found, renamed, closed. */
@Injectable()
export class OrganizationsService {
  private readonly log: Logger;

  constructor(
    private readonly organizations: OrganizationsRepository,
    private readonly instances: InstancesRepository,
    private readonly sessions: SessionsService,
    private readonly logouts: LogoutsRepository,
    private readonly signals: AccessSignals,
    logs: Logs,
  ) {
    this.log = logs.component('organizations');
  }

  /** @throws AppError `organization_exists`, `idempotency_key_reused` */
  async create({ id, name }: CreateOrganizationDto, key?: string): Promise<Made<Organization>> {
    const named = once('POST /api/organizations', key, [id, name]);
    const created = await this.organizations.createOrganization(id, name, named);
    if (created === null) {
      throw new AppError('organization_exists');
    }
    return created;
  }

  /**
   * @param principal who asks
   * @param scope where that caller holds what the route asks for
   * @throws AppError `organization_not_found`, also for one that the caller has nothing to do with
   * @throws AppError `permission_denied`, for one that the caller may do less in
   */
  async find(principal: Principal, scope: OrganizationScope, id: string): Promise<Organization> {
    if (scope !== 'all' && !scope.organizationIds.includes(id)) {
      if (principal.grants !== 'all' && principal.grants.has(id)) {
        throw new AppError('permission_denied');
      }
      throw notFound();
    }
    return found(await this.organizations.findOrganization(id));
  }

  /** @throws AppError `organization_not_found` */
  async rename(id: string, name: string): Promise<Organization> {
    return found(await this.organizations.renameOrganization(id, name));
  }

  /**
   * Ends everything of an organization but what is stored: its keys, sockets and instances. May be called again.
   * @returns `isDone`: no device of it is linked any more; otherwise how far those are that may be, as far as it has come
   * @throws AppError `organization_not_found`
   */
  async close(id: string): Promise<{ isDone: boolean; logouts: Logout[] }> {
    found(await this.organizations.findOrganization(id));
    await this.organizations.closeOrganization(id);
    this.signals.tell(id);
    const isOver = await withTimeout(this.logOutAll(id), CLOSE_ANSWER_MS);
    const logouts = await this.logouts.listUndone(id);
    return { isDone: isOver === true && logouts.length === 0, logouts };
  }

  /**
   * Goes on with what was begun by `close`, in a process that ended or without success. Never rejects.
   * @param ids of closed organizations that still have instances
   */
  async finishClosings(ids: readonly string[]): Promise<void> {
    try {
      for (const id of ids) {
        this.log.info({ organizationId: id }, 'closing of an organization goes on');
        await this.logOutAll(id);
      }
    } catch (err) {
      this.log.warn({ err }, 'closed organizations not logged out yet: database not available');
    }
  }

  /** @returns whether all of them are logged out, or on their way */
  private async logOutAll(organizationId: string): Promise<boolean> {
    const scope = { organizationIds: [organizationId] };
    let isDone = true;
    for (let cursor: string | undefined; ;) {
      const page = await this.instances.listInstances(scope, { limit: LOGOUTS_AT_ONCE, cursor });
      const outcomes = await Promise.all(page.items.map((instance) => this.logOut(instance)));
      isDone &&= outcomes.every((outcome) => outcome === 'begun');
      if (page.nextCursor === null) {
        return isDone;
      }
      cursor = page.nextCursor;
    }
  }

  private async logOut(instance: Instance): Promise<'begun' | 'failed'> {
    try {
      await this.sessions.logOut(instance);
      return 'begun';
    } catch (err) {
      this.log.warn({ err, instanceId: instance.id }, 'instance of a closed organization not logged out');
      return 'failed';
    }
  }
}

function found(organization: Organization | null): Organization {
  if (organization === null) {
    throw notFound();
  }
  return organization;
}

function notFound(): AppError {
  return new AppError('organization_not_found');
}
