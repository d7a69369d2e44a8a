import { Inject, Injectable } from '@nestjs/common';
import type { AccountRestriction } from '../common/account-restriction.js';
import type { DisconnectReason } from '../common/disconnect-reasons.js';
import type { InstanceStatus, PairingMethod } from '../common/instance.js';
import type { OutgoingEvent, StoredEventName, WhatsappEvents } from '../common/whatsapp-events.js';
import { type DatabaseClient, SUPABASE_CLIENT } from '../supabase/supabase-client.js';
import type { DesiredState } from './instance.js';
import { type OutgoingEventRow, toOutgoingEvent } from './outgoing-event-row.js';
import { answerOf } from './supabase-error.js';

/** An event to store with a change. */
export type NewEvent = {
  [Name in StoredEventName]: { name: Name; payload: WhatsappEvents[Name] };
}[StoredEventName];

/** A change of an instance's status; what is left out stays as it is. */
export interface StatusChange {
  instanceId: string;
  /** When given, only the holder of this epoch may make the change. */
  epoch?: number | null | undefined;
  status?: InstanceStatus | undefined;
  pairingMethod?: PairingMethod | undefined;
  desiredState?: DesiredState | undefined;
  phoneNumber?: string | null | undefined;
  accountPhone?: string | null | undefined;
  accountLid?: string | null | undefined;
  /** Sets `last_connected_at` to now. */
  isConnectedNow?: boolean | undefined;
  /** Becomes `last_disconnect_reason`. */
  reason?: DisconnectReason | null | undefined;
  /** Null: nothing is limited any more. The event that tells of it is stored where it is news. */
  restriction?: AccountRestriction | null | undefined;
  event?: NewEvent | undefined;
}

/** Changes an instance's status and stores the event that tells of it, in one transaction. */
@Injectable()
export class InstanceStatusRepository {
  constructor(@Inject(SUPABASE_CLIENT) private readonly client: DatabaseClient) {}

  /**
   * @returns the committed event, if one was given
   * @throws FencedError when `epoch` is not current
   * @throws AppError when the instance does not exist
   */
  async setStatus(change: StatusChange): Promise<OutgoingEvent | null> {
    // JSON.stringify leaves out what is undefined, which is what "stays as it is" means to the function.
    const p = {
      instance_id: change.instanceId,
      epoch: change.epoch ?? null,
      status: change.status,
      pairing_method: change.pairingMethod,
      desired_state: change.desiredState,
      phone_number: change.phoneNumber,
      account_phone: change.accountPhone,
      account_lid: change.accountLid,
      last_connected_at: change.isConnectedNow,
      reason: change.reason,
      restriction: change.restriction,
      event: change.event,
    };
    const result = await answerOf<{ event: OutgoingEventRow | null }>(
      this.client.rpc('set_instance_status', { p }),
    );
    return result.event && toOutgoingEvent(result.event);
  }
}
