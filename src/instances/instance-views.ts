import type { Instance } from '../repositories/instance.js';
import type { CreatedInstanceResponse } from './created-instance.response.js';
import type { InstanceStatusResponse } from './instance-status.response.js';
import type { InstanceResponse } from './instance.response.js';

type Fields<Response> = Pick<Response, keyof Response>;

/** @returns the fields that the answer to a creation shows, and no others */
export function toCreatedInstanceResponse(instance: Instance): Fields<CreatedInstanceResponse> {
  return {
    id: instance.id,
    organization_id: instance.organizationId,
    instance_name: instance.instanceName,
    phone_number: instance.phoneNumber,
    status: instance.status,
    pairing_method: instance.pairingMethod,
    created_at: instance.createdAt,
  };
}

/** @returns an instance as lists and single reads show it */
export function toInstanceResponse(instance: Instance): InstanceResponse {
  return {
    ...toCreatedInstanceResponse(instance),
    connected_phone_number: instance.accountPhone,
    last_connected_at: instance.lastConnectedAt,
    last_disconnect_reason: instance.lastDisconnectReason,
    restriction: instance.restriction,
    history: instance.historyPolicy,
    groups: instance.groupPolicy,
    messages_sent_count: instance.messagesSentCount,
    messages_received_count: instance.messagesReceivedCount,
    updated_at: instance.updatedAt,
  };
}

/** @returns the fields that the status route shows, and no others */
export function toInstanceStatusResponse(instance: Instance): InstanceStatusResponse {
  return {
    id: instance.id,
    status: instance.status,
    phone_number: instance.phoneNumber,
    last_connected_at: instance.lastConnectedAt,
    messages_sent_count: instance.messagesSentCount,
    messages_received_count: instance.messagesReceivedCount,
  };
}
