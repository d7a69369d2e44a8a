import { Inject, Injectable } from '@nestjs/common';
import type { LogoutResult } from '../common/logout.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { type DatabaseClient, type RowWith, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import { isoTime, isoTimeOrNull } from './column-values.js';
import { answerOf, rowsOf } from './supabase-error.js';

/** What becomes of the device of a deleted instance. */
export interface Logout {
  instanceId: string;
  /** ISO 8601 UTC, like all times here. */
  requestedAt: string;
  /** Until then it is tried; null once it is over. */
  expiresAt: string | null;
  endedAt: string | null;
  /** null while it goes on. */
  result: LogoutResult | null;
  /** Why the instance is off line, as far as it is known. */
  reason: string | null;
}

const COLUMNS = `id, logout_requested_at, logout_expires_at, logout_ended_at, logout_result, last_disconnect_reason`;
type Row = RowWith<'whatsapp_instances', typeof COLUMNS>;

/** More of one organization are not listed. */
const MOST = 100;

/** How far the devices of deleted instances are with leaving their accounts. How it ended is written by the session store. */
@Injectable()
export class LogoutsRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * Marks an instance as deleted and its device as to be taken off the account. Does nothing to a deleted one.
   * @param seconds how long that is tried
   */
  async begin(instanceId: string, seconds: number): Promise<void> {
    await answerOf(this.client.rpc('begin_logout', { p: { instance_id: instanceId, seconds } }));
  }

  /** @returns null for what is out of scope, and where no logout was asked for since the instance was made or restored */
  async find(scope: OrganizationScope, instanceId: string): Promise<Logout | null> {
    let query = this.table().eq('id', instanceId);
    if (scope !== 'all') {
      query = query.in('organization_id', scope.organizationIds);
    }
    const [row] = await rowsOf(query);
    return row ? toLogout(row) : null;
  }

  /** @returns of an organization's deleted instances those whose device may still be linked, 100 at most */
  async listUndone(organizationId: string): Promise<Logout[]> {
    const rows = await rowsOf(
      this.table()
        .eq('organization_id', organizationId)
        .or('logout_result.is.null,logout_result.in.(expired,session_unreadable,unconfirmed)')
        .order('id')
        .limit(MOST),
    );
    return rows.flatMap((row) => toLogout(row) ?? []);
  }

  private table() {
    return this.client
      .from('whatsapp_instances')
      .select(COLUMNS)
      .not('deleted_at', 'is', null)
      .not('logout_requested_at', 'is', null);
  }
}

function toLogout(row: Row): Logout | null {
  if (row.logout_requested_at === null) {
    return null;
  }
  return {
    instanceId: row.id,
    requestedAt: isoTime(row.logout_requested_at),
    expiresAt: isoTimeOrNull(row.logout_expires_at),
    endedAt: isoTimeOrNull(row.logout_ended_at),
    // The column's check knows the same words.
    result: row.logout_result as LogoutResult | null,
    reason: row.last_disconnect_reason,
  };
}
