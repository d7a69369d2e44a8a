import type { Request } from 'express';
import { describe, expect, it } from 'vitest';
import type { OrganizationScope } from '../common/organization-scope.js';
import { describeOperation } from './audit-action.js';

const ID = '6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10';
const own: OrganizationScope = { organizationIds: ['org_a'] };

function request(
  method: string,
  path: string,
  parts: Partial<Pick<Request, 'params' | 'query' | 'body'>> = {},
) {
  return { method, path, route: { path }, params: {}, query: {}, ...parts } as unknown as Request;
}

describe('describeOperation', () => {
  it.each([
    ['POST', '/api/whatsapp/instances', {}, 'instances', undefined],
    ['POST', '/api/whatsapp/instances/:id/send', { id: ID }, 'instances', ID],
    ['GET', '/api/whatsapp/instances/:id/integrity/undecrypted', { id: ID }, 'instances', ID],
    ['DELETE', '/api/contacts/:id', { id: ID.toUpperCase() }, 'contacts', ID],
    ['GET', '/api/messages', {}, 'messages', undefined],
    ['DELETE', '/api/contacts/:id', { id: 'a\u0000b' }, 'contacts', undefined],
    ['DELETE', '/api/contacts/:id', { id: '5511988887777' }, 'contacts', undefined],
    ['DELETE', '/api/contacts/:id', { id: 'Ana-Maria' }, 'contacts', undefined],
    ['PATCH', '/api/organizations/:id/retention', { id: 'org_A' }, 'organizations', 'org_A'],
    ['PUT', '/api/organizations/:id/members/:userId', { id: 'org_a', userId: ID }, 'organizations', 'org_a'],
    ['POST', '/api/organizations/:id/api-keys', { id: 'org_a' }, 'api-keys', undefined],
    ['DELETE', '/api/organizations/:id/api-keys/:keyId', { id: 'org_a', keyId: ID }, 'api-keys', ID],
    ['POST', '/api/admin/api-keys/:keyId/rotate', { keyId: ID }, 'api-keys', ID],
    ['POST', '/api/admin/inbox/redrive', {}, 'inbox', undefined],
  ])('%s %s with %j is about %s %s', (method, path, params, type, id) => {
    const operation = describeOperation(request(method, path, { params }), 'all');

    expect(operation.action).toBe(`${method} ${path}`);
    expect(operation.object).toEqual({ type, id });
  });

  it.each<[object, OrganizationScope, string | undefined]>([
    [{ body: { organization_id: 'org_a' } }, own, 'org_a'],
    [{ query: { organization_id: 'org_a' } }, 'all', 'org_a'],
    [{ body: { organization_id: 'org_b' } }, own, undefined],
    [{ body: { organization_id: ['org_a'] } }, 'all', undefined],
    [{ body: { organization_id: 'org a' } }, 'all', undefined],
    [{ body: 'text' }, 'all', undefined],
    [{}, own, undefined],
  ])('of %j in %j names the organization %s', (parts, scope, organizationId) => {
    expect(describeOperation(request('POST', '/api/x', parts), scope).organizationId).toBe(organizationId);
  });

  it('names the organization of the path, where the caller may know of it', () => {
    for (const path of ['/api/organizations/:id/retention', '/api/organizations/:id/api-keys']) {
      const named = (id: string) =>
        describeOperation(request('POST', path, { params: { id } }), own).organizationId;

      expect(named('org_a')).toBe('org_a');
      expect(named('org_b')).toBeUndefined();
    }
  });

  it('repeats nothing that may be about a person', () => {
    const { details } = describeOperation(
      request('POST', '/api/whatsapp/instances/:id/send', {
        params: { id: ID, noteId: ID, userId: '5511988887777' },
        query: { search: 'Ana', limit: '5', status: 'Ana Maria da Silva', instance_id: '5511988887777' },
        body: {
          to: '5511988887777',
          message: 'hello',
          contact_id: ID,
          method: 'qr',
          '5511988887777': 1,
          a: { b: 1 },
          after: 5511988887777,
          state: 'Ana',
          role: 'auz_0123abcd_efgh',
          scopes: ['read', '5511988887777'],
        },
      }),
      'all',
    );

    expect(details).toEqual({
      limit: '5',
      contact_id: ID,
      method: 'qr',
      noteId: ID,
      fields: ['search', 'status', 'instance_id', 'to', 'message', 'a', 'after', 'state', 'role', 'scopes'],
    });
  });
});
