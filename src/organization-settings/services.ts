import { textFault } from '../http/field-rules.js';
import { isUuid } from '../common/uuid.js';
import { listFault, objectFault } from './office-hours.js';

/** What people book. */
export interface Service {
  id: string;
  name: string;
  duration_minutes: number;
  /** For people to read. */
  price: string | null;
}

const MAX_SERVICES = 200;
const MAX_NAME = 200;
const MAX_PRICE = 100;
const MAX_MINUTES = 7 * 24 * 60;

/** @returns what is wrong with a list of services, and where; undefined where nothing is */
export function servicesFault(value: unknown): string | undefined {
  const fault = listFault('', value, MAX_SERVICES, serviceFault);
  if (fault !== undefined) {
    return fault;
  }
  const ids = (value as Partial<Service>[]).flatMap(({ id }) => (id === undefined ? [] : [id.toLowerCase()]));
  return new Set(ids).size === ids.length ? undefined : 'names an id twice';
}

function serviceFault(value: unknown): string | undefined {
  const fault = objectFault(value, ['id', 'name', 'duration_minutes', 'price']);
  if (fault !== undefined) {
    return fault;
  }
  const { id, name, duration_minutes: minutes, price } = value as Record<keyof Service, unknown>;
  if (id !== undefined && !(typeof id === 'string' && isUuid(id))) {
    return 'id must be a UUID, the one of a service that is there already; leave it out for a new one';
  }
  if (typeof name !== 'string') {
    return 'name must be a string';
  }
  if (!Number.isSafeInteger(minutes) || (minutes as number) < 1 || (minutes as number) > MAX_MINUTES) {
    return `duration_minutes must be a whole number from 1 to ${MAX_MINUTES}`;
  }
  if (price !== undefined && price !== null && typeof price !== 'string') {
    return 'price must be a text, or null';
  }
  return (
    named('name', textFault(name, { max: MAX_NAME })) ??
    named('price', typeof price === 'string' ? textFault(price, { max: MAX_PRICE }) : undefined)
  );
}

function named(field: string, fault: string | undefined): string | undefined {
  return fault && `${field} ${fault}`;
}
