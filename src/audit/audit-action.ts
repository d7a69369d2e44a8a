import type { Request } from 'express';
import { isUuid } from '../common/uuid.js';
import { ORGANIZATION_ID_PATTERN, type OrganizationScope } from '../common/organization-scope.js';
import type { NewAuditEntry } from '../repositories/audit.repository.js';

/** A word of the API, such as a status; or a number that is shorter than a phone's. */
const PLAIN = /^([a-z_]{1,16}|\d{1,7})$/;
/** Parameters of queries and fields of bodies whose values, where they are ids or plain, say nothing of a person. */
const HARMLESS = new Set([
  'contact_id',
  'group_id',
  'instance_id',
  'direction',
  'status',
  'state',
  'method',
  'limit',
  'after',
  'role',
  'scopes',
  'keys',
]);
const MAX_VALUES = 10;
/** Objects of their own, also in the paths of an organization. */
const API_KEYS = 'api-keys';

type Operation = Pick<NewAuditEntry, 'action' | 'object' | 'organizationId' | 'details'>;

/**
 * What a request is about to do, in words that name nobody: of other fields than a few harmless ones the names alone.
 *
 * @param request a request whose route was found
 * @param scope whose objects the caller may act on: another organization is never named as the one it is about
 * @returns action, object and details of its entry in the audit log
 */
export function describeOperation(request: Request, scope: OrganizationScope): Operation {
  const path = String((request.route as { path?: string } | undefined)?.path ?? request.path);
  const { id, keyId, organizationId: named, ...inner } = request.params as Record<string, string>;
  const object = path.includes(`/${API_KEYS}`)
    ? { type: API_KEYS, id: storableId(API_KEYS, keyId) }
    : objectOf(path, id);
  const fields: Record<string, unknown> = { ...(request.query as object), ...bodyOf(request) };
  const inPath = path.startsWith('/api/organizations/') ? id : named;
  const organizationId = [inPath, fields['organization_id']].find((value) => isWithin(scope, value));
  return {
    action: `${request.method} ${path}`,
    object,
    organizationId,
    details: { ...detailsOf(fields), ...uuidsOf(inner) },
  };
}

/** The resource that a path is about: `instances` of `/api/whatsapp/instances/:id/send`. */
function objectOf(path: string, id: string | undefined): NonNullable<Operation['object']> {
  const parts = path
    .split('/')
    .filter((part) => part !== '' && part !== 'api' && part !== 'whatsapp' && part !== 'admin');
  const beforeId = parts.findIndex((part) => part.startsWith(':')) - 1;
  const type = parts[Math.max(beforeId, 0)] ?? 'service';
  return { type, id: storableId(type, id) };
}

/** As the database has it; nothing of what is no id at all, such as a phone number. */
function storableId(type: string, id: string | undefined): string | undefined {
  if (id === undefined || isUuid(id)) {
    return id?.toLowerCase();
  }
  return type === 'organizations' && ORGANIZATION_ID_PATTERN.test(id) ? id : undefined;
}

function bodyOf({ body }: Request): object {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as object) : {};
}

function isWithin(scope: OrganizationScope, value: unknown): value is string {
  return (
    typeof value === 'string' &&
    ORGANIZATION_ID_PATTERN.test(value) &&
    (scope === 'all' || scope.organizationIds.includes(value))
  );
}

function detailsOf(fields: Record<string, unknown>): NewAuditEntry['details'] {
  const names = Object.keys(fields).filter(
    (name) => name !== 'organization_id' && /^[a-z_]{1,40}$/.test(name),
  );
  const said = names.filter((name) => HARMLESS.has(name) && isHarmless(fields[name]));
  const withheld = names.filter((name) => !said.includes(name)).slice(0, 20);
  return {
    ...Object.fromEntries(said.map((name) => [name, fields[name] as string])),
    ...(withheld.length === 0 ? {} : { fields: withheld }),
  };
}

/** Of a path: ids of what belongs to the object. */
function uuidsOf(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => isUuid(value)));
}

function isHarmless(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.length <= MAX_VALUES && value.every((one) => isHarmless(one) && !Array.isArray(one));
  }
  const isText = typeof value === 'string' || typeof value === 'number';
  return typeof value === 'boolean' || (isText && (isUuid(String(value)) || PLAIN.test(String(value))));
}
