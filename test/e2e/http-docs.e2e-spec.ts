import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lintOpenApi } from '../support/openapi-lint.js';
import { resolveOperations } from '../support/openapi-references.js';
import { type HttpApp, startHttpApp } from './http-app.js';

interface Schema {
  $ref?: string;
  type?: string;
  anyOf?: object[];
  oneOf?: object[];
  allOf?: object[];
  const?: boolean;
  description?: string;
  properties?: Record<string, Schema>;
}
interface Operation {
  summary?: string;
  security?: object[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema; example?: { success: boolean } }> }>;
}
interface Document {
  servers: object[];
  info: { description: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

let http: HttpApp;
let served: string;
let document: Document;

beforeAll(async () => {
  http = await startHttpApp();
  served = await (await fetch(`${http.url}/api/docs-json`)).text();
  document = resolveOperations(JSON.parse(served) as Document);
});
afterAll(() => http.stop());

it('shows Swagger UI', async () => {
  const page = await http.api.call<string>('GET', '/api/docs');

  expect(page.status).toBe(200);
  expect(page.body).toContain('swagger-ui');
});

it('documents every route', () => {
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );

  expect(routes.toSorted()).toEqual(
    [
      'DELETE /api/admin/api-keys/{keyId}',
      'DELETE /api/messages/{id}',
      'GET /api/conversations',
      'GET /api/messages/{id}/history',
      'GET /api/console',
      'POST /api/sign-in/magic-link',
      'POST /api/sign-in/password',
      'POST /api/sign-in/refresh',
      'POST /api/sign-out',
      'GET /api/messages/{id}/media',
      'GET /api/messages/{id}/thumbnail',
      'GET /api/whatsapp/instances/{id}/history',
      'GET /api/whatsapp/instances/{id}/numbers/{number}',
      'PATCH /api/messages/{id}',
      'POST /api/contacts/{id}/merge',
      'POST /api/contacts/{id}/read',
      'POST /api/contacts/{id}/unmerge',
      'POST /api/media',
      'POST /api/messages/{id}/media/link',
      'POST /api/messages/{id}/media/retry',
      'POST /api/whatsapp/instances/{id}/history',
      'POST /api/whatsapp/instances/{id}/presence',
      'POST /api/whatsapp/instances/{id}/typing',
      'DELETE /api/organizations/{id}',
      'DELETE /api/organizations/{id}/api-keys/{keyId}',
      'DELETE /api/organizations/{id}/members/{userId}',
      'GET /api/organizations/{id}/settings',
      'PATCH /api/organizations/{id}/settings',
      'GET /api/organizations/{id}/calendar-feeds',
      'POST /api/organizations/{id}/calendar-feeds',
      'POST /api/organizations/{id}/calendar-feeds/{feedId}/rotate',
      'DELETE /api/organizations/{id}/calendar-feeds/{feedId}',
      'GET /calendar/{file}',
      'GET /api/webhooks',
      'POST /api/webhooks',
      'GET /api/webhooks/{id}',
      'PATCH /api/webhooks/{id}',
      'DELETE /api/webhooks/{id}',
      'GET /api/webhooks/{id}/deliveries',
      'POST /api/webhooks/{id}/redrive',
      'POST /api/webhooks/{id}/resume',
      'POST /api/webhooks/{id}/rotate-secret',
      'POST /api/webhooks/{id}/test',
      'GET /api/admin/api-keys',
      'GET /api/organizations',
      'GET /api/organizations/{id}',
      'GET /api/organizations/{id}/api-keys',
      'GET /api/organizations/{id}/members',
      'PATCH /api/organizations/{id}',
      'POST /api/admin/api-keys',
      'POST /api/admin/api-keys/{keyId}/rotate',
      'POST /api/organizations',
      'POST /api/organizations/{id}/api-keys',
      'POST /api/organizations/{id}/api-keys/{keyId}/rotate',
      'PUT /api/organizations/{id}/members/{userId}',
      'DELETE /api/me/memberships/{organizationId}',
      'DELETE /api/organizations/{id}/invitations/{invitationId}',
      'GET /api/me',
      'GET /api/me/invitations',
      'GET /api/organizations/{id}/invitations',
      'POST /api/me/invitations/{id}/accept',
      'POST /api/me/invitations/{id}/decline',
      'DELETE /api/contacts/{id}',
      'DELETE /api/whatsapp/instances/{id}',
      'GET /api/whatsapp/instances/{id}/pacing',
      'POST /api/whatsapp/instances/{id}/logout',
      'GET /api/admin/audit',
      'GET /api/admin/inbox/dead',
      'GET /api/admin/leases',
      'GET /api/admin/nodes',
      'GET /api/admin/queue-stats',
      'GET /api/admin/throughput',
      'GET /api/bookings',
      'GET /api/bookings/{id}',
      'PATCH /api/bookings/{id}',
      'POST /api/bookings',
      'GET /api/contacts',
      'GET /api/contacts/{id}',
      'PATCH /api/contacts/{id}',
      'GET /api/erasures',
      'GET /api/erasures/{id}',
      'GET /api/events',
      'GET /api/events/stream',
      'GET /api/groups',
      'GET /api/groups/{id}',
      'GET /api/media-link',
      'GET /api/messages',
      'GET /api/messages/{id}',
      'DELETE /api/notes/{id}',
      'GET /api/notes',
      'GET /api/notes/{id}',
      'PATCH /api/notes/{id}',
      'POST /api/contacts/{id}/notes',
      'GET /api/organizations/{id}/retention',
      'GET /api/whatsapp/instances',
      'GET /api/whatsapp/instances/{id}',
      'GET /api/whatsapp/instances/{id}/integrity',
      'GET /api/whatsapp/instances/{id}/integrity/undecrypted',
      'GET /api/whatsapp/instances/{id}/logout',
      'GET /api/whatsapp/instances/{id}/qr',
      'GET /api/whatsapp/instances/{id}/status',
      'GET /health',
      'GET /health/live',
      'GET /health/ready',
      'PATCH /api/organizations/{id}/retention',
      'PATCH /api/whatsapp/instances/{id}',
      'POST /api/admin/inbox/redrive',
      'POST /api/contacts',
      'POST /api/contacts/{id}/export',
      'POST /api/whatsapp/instances',
      'POST /api/whatsapp/instances/{id}/connect',
      'POST /api/whatsapp/instances/{id}/send',
    ].toSorted(),
  );
});

function operations(prefix: string): { path: string; operation: Operation }[] {
  return Object.entries(document.paths)
    .filter(([path]) => path.startsWith(prefix))
    .flatMap(([path, byMethod]) => Object.values(byMethod).map((operation) => ({ path, operation })));
}

it('gives every route a summary and a schema of its answer', () => {
  const bare = operations('/').filter(({ operation }) => {
    const { '200': done, '202': accepted } = operation.responses;
    const [answer] = Object.values((done ?? accepted)?.content ?? {});
    return !operation.summary || answer?.schema === undefined;
  });

  expect(bare).toEqual([]);
});

it('gives every route of the API its errors, each with schema and example', () => {
  for (const { operation } of operations('/api')) {
    const errors = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);

    const needsToken = operation.security?.length !== 0;
    expect(errors.map(([status]) => status)).toEqual(
      expect.arrayContaining(needsToken ? ['401', '500'] : ['403']),
    );
    // That of a range which is not there has no body.
    for (const [, error] of errors.filter(([status]) => status !== '416')) {
      expect(error.content?.['application/json']).toMatchObject({
        schema: { $ref: '#/components/schemas/ErrorResponse' },
        example: { success: false },
      });
    }
  }
});

it('leaves no schema empty and no reference dangling', () => {
  const { schemas } = document.components;
  const empty = Object.entries(schemas).filter(([, { type, properties = {} }]) => {
    const fields = Object.values(properties);
    const isBare = (field: Schema) =>
      (field.type ?? field.$ref ?? field.anyOf ?? field.oneOf ?? field.allOf ?? field.const) === undefined;
    return type === 'object' && (fields.length === 0 || fields.some(isBare));
  });
  const references = [...served.matchAll(/#\/components\/schemas\/(\w+)/g)];

  expect(empty).toEqual([]);
  expect(references.filter(([, name]) => !(name! in schemas))).toEqual([]);
});

it('describes the Socket.IO events', () => {
  for (const name of ['qr', 'pairing-code', 'connected', 'disconnected', 'message']) {
    expect(document.info.description).toContain(`whatsapp:${name}`);
  }
  expect(document.info.description).toContain('join-organization');
});

it('says of texts to send what becomes of links', () => {
  const { link_preview: preview } = document.components.schemas['SendMessageDto']!.properties!;
  expect(preview!.description).toMatch(/`LINK_PREVIEWS` of the service/);
});

describe('the document by the rules', () => {
  const committed = () => readFile(join(import.meta.dirname, '../../openapi.json'), 'utf8');

  it('has nothing that Redocly advises against, as it is served and as it is committed', async () => {
    expect(await lintOpenApi(served)).toEqual([]);
    expect(await lintOpenApi(await committed())).toEqual([]);
  });

  it('says what is shared once: it stays small enough to be read', async () => {
    expect((await committed()).length).toBeLessThan(320_000);
  });

  it('is judged: a fault of each kind is seen', async () => {
    const text = await committed();
    const faults: [string, string, string][] = [
      ['"type":["string","null"]', '"type":"string","nullable":true', 'struct'],
      ['"security":[{"bearer":[]}]', '"x-security":[]', 'security-defined'],
      ['#/components/responses/401"', '#/components/responses/499"', 'no-unresolved-refs'],
    ];
    for (const [right, wrong, rule] of faults) {
      expect(text).toContain(right);
      expect(await lintOpenApi(text.replaceAll(right, wrong))).toContainEqual(
        expect.stringMatching(new RegExp(`^${rule} `)),
      );
    }
  });

  it('is committed as it is served, but for the place of the server', async () => {
    const { servers, ...fields } = JSON.parse(await committed()) as Document;
    const { servers: servedFrom, ...servedFields } = JSON.parse(served) as Document;

    expect(servedFields).toEqual(fields);
    expect(servers).toEqual([{ url: '/', description: expect.any(String) }]);
    expect(servedFrom).toEqual([{ url: '..', description: expect.any(String) }]);
  });
});

it('says for which routes a token is needed', async () => {
  const guarded = await startHttpApp({ AUTH_MODE: 'required', ADMIN_API_KEY: 'k'.repeat(40) });
  for (const [path, byMethod] of Object.entries(document.paths)) {
    for (const [method, { security }] of Object.entries(byMethod)) {
      const address = path.replaceAll(/\{\w+\}/g, '3f0e4b0e-9d0c-4f4a-8f6f-7a106f1c1a52');
      const { status } = await fetch(guarded.url + address, { method: method.toUpperCase() });

      expect([path, method, status === 401]).toEqual([path, method, security?.length !== 0]);
    }
  }
  await guarded.stop();
});
