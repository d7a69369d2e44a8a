import type { Request } from 'express';
import { isUuid } from '../http/field-rules.js';
import { ORGANIZATION_ID_PATTERN, type OrganizationScope } from '../common/organization-scope.js';
import type { NewAuditEntry } from '../repositories/audit.repository.js';

/** Parameters of queries and fields of bodies whose values name or say nothing of a person. */
const HARMLESS = new Set([
  'contact_id',
  'instance_id',
  'direction',
  'status',
  'state',
  'method',
  'limit',
  'after',
  'role',
  'scopes',
]);
const MAX_VALUE_LENGTH = 64;

type Deed = Pick<NewAuditEntry, 'action' | 'object' | 'organizationId' | 'details'>;

/**
 * What a request is about to do, in words that name nobody: of other fields than a few harmless ones the names alone.
 *
 * @param request a request whose route was found
 * @param scope whose objects the caller may act on: another organization is never named as the one it is about
 * @returns action, object and details of its entry in the audit log
 */
export function describeDeed(request: Request, scope: OrganizationScope): Deed {
  const path = String((request.route as { path?: string } | undefined)?.path ?? request.path);
  const { id, ...inner } = request.params as Record<string, string>;
  const type = objectTypeOf(path);
  const fields: Record<string, unknown> = { ...(request.query as object), ...bodyOf(request) };
  const organizationId = [type === 'organizations' ? id : undefined, fields['organization_id']].find(
    (value) => isWithin(scope, value),
  );
  return {
    action: `${request.method} ${path}`,
    object: { type, id: storableId(id) },
    organizationId,
    details: { ...detailsOf(fields), ...shortOnes(inner) },
  };
}

/** The resource that a path is about: `instances` of `/api/whatsapp/instances/:id/send`. */
function objectTypeOf(path: string): string {
  const parts = path
    .split('/')
    .filter((part) => part !== '' && part !== 'api' && part !== 'whatsapp' && part !== 'admin');
  const beforeId = parts.findIndex((part) => part.startsWith(':')) - 1;
  return parts[Math.max(beforeId, 0)] ?? 'service';
}

/** As the database has it; nothing of what is no id at all. */
function storableId(id: string | undefined): string | undefined {
  if (id === undefined || !ORGANIZATION_ID_PATTERN.test(id)) {
    return undefined;
  }
  return isUuid(id) ? id.toLowerCase() : id;
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
  const said = names.filter((name) => HARMLESS.has(name) && isShort(fields[name]));
  const withheld = names.filter((name) => !said.includes(name)).slice(0, 20);
  return {
    ...Object.fromEntries(said.map((name) => [name, fields[name] as string])),
    ...(withheld.length === 0 ? {} : { fields: withheld }),
  };
}

/** Of a path: ids of what belongs to the object. */
function shortOnes(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => isShort(value)));
}

function isShort(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.length <= 10 && value.every((one) => isShort(one) && !Array.isArray(one));
  }
  return (
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    (typeof value === 'string' && value.length <= MAX_VALUE_LENGTH && /^[\w-]*$/.test(value))
  );
}
