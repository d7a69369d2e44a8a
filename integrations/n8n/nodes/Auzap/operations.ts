import { randomUUID } from 'node:crypto';
import { type IDataObject, type IExecuteFunctions, NodeOperationError } from 'n8n-workflow';
import { listOf, request } from '../request';

/** Does what a node says for one item. @returns what it puts out */
type Operation = (this: IExecuteFunctions, itemIndex: number) => Promise<IDataObject[]>;

function field(from: IExecuteFunctions, name: string, itemIndex: number): string {
  return String(from.getNodeParameter(name, itemIndex)).trim();
}

/** @returns the fields that somebody filled in */
function filled(from: IExecuteFunctions, name: string, itemIndex: number): IDataObject {
  const all = from.getNodeParameter(name, itemIndex, {}) as IDataObject;
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '' && value !== undefined));
}

/** The same for a retry of n8n, and another one for each further run of the node in an execution. */
function keyOf(from: IExecuteFunctions, itemIndex: number): string {
  const execution = from.getExecutionId();
  if (!execution) {
    return `n8n-${randomUUID()}`;
  }
  return [
    'n8n',
    execution,
    from.getNode().id,
    from.getWorkflowDataProxy(itemIndex).$runIndex,
    itemIndex,
  ].join('-');
}

/** An operation that gives one row of the service. */
function one(resource: string, path: string, parameter: string): Operation {
  return async function (itemIndex) {
    const id = encodeURIComponent(field(this, parameter, itemIndex));
    const answer = await request<IDataObject>(this, 'GET', `${path}/${id}`, { itemIndex });
    return [answer[resource] as IDataObject];
  };
}

/** An operation that gives rows of the service, filtered. */
function many(key: string, path: string): Operation {
  return function (itemIndex) {
    const isAll = this.getNodeParameter('returnAll', itemIndex, false) === true;
    const limit = isAll ? Infinity : Number(this.getNodeParameter('limit', itemIndex, 50));
    return listOf(this, path, key, { qs: filled(this, 'filters', itemIndex), limit, itemIndex });
  };
}

async function send(
  from: IExecuteFunctions,
  itemIndex: number,
  content: IDataObject,
): Promise<IDataObject[]> {
  const { idempotencyKey, ...more } = filled(from, 'additionalFields', itemIndex);
  const instance = encodeURIComponent(field(from, 'instanceId', itemIndex));
  const key = (idempotencyKey as string | undefined) ?? keyOf(from, itemIndex);
  const answer = await request<IDataObject>(from, 'POST', `/api/whatsapp/instances/${instance}/send`, {
    body: { to: field(from, 'to', itemIndex), ...content, ...more },
    headers: { 'Idempotency-Key': key },
    itemIndex,
  });
  return [answer];
}

/** Everything that the node does, by resource and operation. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'message:send': function (itemIndex) {
    return send(this, itemIndex, { message: String(this.getNodeParameter('text', itemIndex)) });
  },
  'message:sendFile': function (itemIndex) {
    const type = field(this, 'fileType', itemIndex);
    return send(this, itemIndex, { type, media: { url: field(this, 'fileUrl', itemIndex) } });
  },
  'message:get': one('message', '/api/messages', 'messageId'),
  'message:getAll': many('messages', '/api/messages'),
  'conversation:getAll': many('conversations', '/api/conversations'),
  'contact:get': one('contact', '/api/contacts', 'contactId'),
  'contact:getAll': many('contacts', '/api/contacts'),
  'booking:get': one('booking', '/api/bookings', 'bookingId'),
  'booking:getAll': many('bookings', '/api/bookings'),
  'booking:create': async function (itemIndex) {
    const body = {
      contact_id: field(this, 'contactId', itemIndex),
      ...filled(this, 'bookingFields', itemIndex),
    };
    const headers = { 'Idempotency-Key': keyOf(this, itemIndex) };
    const { booking } = await request<{ booking: IDataObject }>(this, 'POST', '/api/bookings', {
      body,
      headers,
      itemIndex,
    });
    return [booking];
  },
  'booking:setStatus': async function (itemIndex) {
    const id = encodeURIComponent(field(this, 'bookingId', itemIndex));
    const { booking } = await request<{ booking: IDataObject }>(this, 'PATCH', `/api/bookings/${id}`, {
      body: { status: field(this, 'status', itemIndex) },
      itemIndex,
    });
    return [booking];
  },
};

/** @throws NodeOperationError where there is no such operation */
export function operationOf(from: IExecuteFunctions, itemIndex: number): Operation {
  const name = `${field(from, 'resource', itemIndex)}:${field(from, 'operation', itemIndex)}`;
  const operation = OPERATIONS[name];
  if (!operation) {
    throw new NodeOperationError(from.getNode(), `There is no operation ${name}.`, { itemIndex });
  }
  return operation;
}
