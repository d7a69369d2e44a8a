import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import type { InstanceStatus } from '../common/instance.js';
import type { GroupPolicy } from '../common/groups.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import type { TablesUpdate } from '../supabase/database.types.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { DatabaseRejectedError } from './database-rejected-error.js';
import {
  type HistoryPolicy,
  INSTANCE_COLUMNS,
  type Instance,
  type InstanceRow,
  toInstance,
} from './instance.js';
import { type Made, type Once, onceColumns, type ReplayColumns, toMade } from './once.js';
import { creationKey, NEWEST_FIRST, type Page, pageOf, type PageRequest, pageQuery } from './page.js';
import { answerOf, rowsOf } from './supabase-error.js';

export interface NewInstance {
  organizationId: string;
  instanceName: string;
  phoneNumber?: string | null | undefined;
}

/** The `whatsapp_instances` table, without its credentials (those are the session store's). */
@Injectable()
export class InstancesRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @throws AppError `validation_failed` where the organization does not exist, `organization_closed`, `too_many_instances` */
  async insertInstance(instance: NewInstance): Promise<Instance> {
    return (await this.insertInstanceOnce(instance)).made;
  }

  /**
   * As `insertInstance`, once under the caller's name for the call.
   * @throws AppError as `insertInstance`; `idempotency_key_reused`
   */
  async insertInstanceOnce(instance: NewInstance, named?: Once): Promise<Made<Instance>> {
    const p = {
      organization_id: instance.organizationId,
      instance_name: instance.instanceName,
      phone_number: instance.phoneNumber ?? null,
      ...onceColumns(named),
    };
    try {
      const row = await answerOf<InstanceRow & ReplayColumns>(this.client.rpc('create_instance', { p }));
      return toMade(row, toInstance);
    } catch (error) {
      if (error instanceof DatabaseRejectedError && error.sqlState === '23503') {
        throw new AppError('validation_failed', {
          message: 'The input is invalid: organization_id: does not exist.',
          details: [{ path: 'organization_id', message: 'does not exist' }],
          cause: error,
        });
      }
      throw error;
    }
  }

  /**
   * @param id a UUID; the caller has checked its form
   * @param options.read what was read of it a moment ago, null for nothing: then the database is not asked
   */
  async findInstance(
    scope: OrganizationScope,
    id: string,
    options: { includeDeleted?: boolean; read?: Instance | null | undefined } = {},
  ): Promise<Instance | null> {
    const { read } = options;
    if (read !== undefined) {
      const isVisible =
        read?.id === id &&
        (scope === 'all' || scope.organizationIds.includes(read.organizationId)) &&
        (options.includeDeleted === true || read.deletedAt === null);
      return isVisible ? read : null;
    }
    let query = this.table().select(INSTANCE_COLUMNS).eq('id', id);
    if (scope !== 'all') {
      query = query.in('organization_id', scope.organizationIds);
    }
    if (!options.includeDeleted) {
      query = query.is('deleted_at', null);
    }
    return first(await rowsOf(query));
  }

  /** Newest first, without deleted ones. */
  async listInstances(
    scope: OrganizationScope,
    page: PageRequest & { status?: InstanceStatus | undefined },
  ): Promise<Page<Instance>> {
    let query = this.table().select(INSTANCE_COLUMNS).is('deleted_at', null);
    if (scope !== 'all') {
      query = query.in('organization_id', scope.organizationIds);
    }
    if (page.status !== undefined) {
      query = query.eq('status', page.status);
    }
    const rows = await rowsOf(pageQuery(query, page, NEWEST_FIRST));
    return pageOf(rows, page, toInstance, creationKey);
  }

  /** @returns null when there is no such instance, or it is deleted */
  async updateInstance(
    scope: OrganizationScope,
    id: string,
    changes: {
      phoneNumber?: string | null | undefined;
      instanceName?: string | undefined;
      historyPolicy?: HistoryPolicy | undefined;
      groupPolicy?: GroupPolicy | undefined;
    },
  ): Promise<Instance | null> {
    const values: TablesUpdate<'whatsapp_instances'> = {};
    if (changes.phoneNumber !== undefined) {
      values.phone_number = changes.phoneNumber;
    }
    if (changes.instanceName !== undefined) {
      values.instance_name = changes.instanceName;
    }
    if (changes.groupPolicy !== undefined) {
      values.group_policy = changes.groupPolicy;
    }
    if (changes.historyPolicy !== undefined) {
      values.history_policy = changes.historyPolicy;
    }
    if (Object.keys(values).length === 0) {
      return this.findInstance(scope, id);
    }
    let query = this.table().update(values).eq('id', id).is('deleted_at', null);
    if (scope !== 'all') {
      query = query.in('organization_id', scope.organizationIds);
    }
    return first(await rowsOf(query.select(INSTANCE_COLUMNS)));
  }

  /**
   * Undeletes; does nothing to an instance that is not deleted.
   * @param id of an instance that the caller may change
   * @returns null when there is no such instance
   * @throws AppError `organization_closed`, `too_many_instances`
   */
  async restoreInstance(id: string): Promise<Instance | null> {
    await answerOf(this.client.rpc('restore_instance', { p: { id } }));
    return this.findInstance('all', id);
  }

  /** @returns so many of the instances that should be on line and have credentials to do so */
  async listResumable(limit: number): Promise<Instance[]> {
    const query = this.table().select(INSTANCE_COLUMNS).neq('resumes', 'never');
    return (await rowsOf(query.order('id').limit(limit))).map(toInstance);
  }

  private table() {
    return this.client.from('whatsapp_instances');
  }
}

function first(rows: InstanceRow[]): Instance | null {
  return rows[0] ? toInstance(rows[0]) : null;
}
