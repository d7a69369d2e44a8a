import { Inject, Injectable } from '@nestjs/common';
import type { StoredDataKey, WrappedKey } from '../common/data-keys.js';
import type { Json } from '../supabase/database.types.js';
import { type DatabaseClient, type JsonFunction, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { base64OrNull } from './column-values.js';
import { type DataKeyRow, toDataKeyArgument, toStoredDataKey } from './data-key-row.js';
import { answerOf } from './supabase-error.js';

export interface OfferedOrganizationKey {
  /** Of all keys that are configured; that of the one that wrapped `key` comes first. */
  masterIds: readonly Buffer[];
  key: WrappedKey;
}

/** The `data_keys` table, for whoever reads what it opens. Those of sessions come with taking them over. */
@Injectable()
export class DataKeysRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /** @returns the instances' keys, retired ones too, by instance; no key where they were shredded, or never made */
  async listOfInstances(
    instanceIds: readonly string[],
    purpose: 'session' | 'inbox',
  ): Promise<Map<string, StoredDataKey[]>> {
    const rows = await this.call<[string, DataKeyRow[]][]>('read_data_keys', {
      instance_ids: [...instanceIds],
      purpose,
    });
    return new Map(rows.map(([id, keys]) => [id, keys.map(toStoredDataKey)]));
  }

  /**
   * @param offered becomes the organization's key where it has none, or one that an older key wrapped
   * @returns the organization's own keys; none when there is no such organization
   */
  async listOfOrganization(
    organizationId: string,
    offered?: OfferedOrganizationKey,
  ): Promise<StoredDataKey[]> {
    const rows = await this.call<DataKeyRow[]>('organization_data_keys', {
      organization_id: organizationId,
      ...(offered && {
        master_ids: offered.masterIds.map(base64OrNull),
        new: toDataKeyArgument(offered.key),
      }),
    });
    return rows.map(toStoredDataKey);
  }

  /** @returns how many linked instances can't be run with these keys of `SESSION_ENCRYPTION_KEY` */
  countLockedSessions(masterIds: readonly Buffer[]): Promise<number> {
    return this.call('count_locked_sessions', { master_ids: masterIds.map(base64OrNull) });
  }

  private call<T extends NonNullable<unknown>>(name: JsonFunction, p: Json): Promise<T> {
    return answerOf<T>(this.client.rpc(name, { p }));
  }
}
