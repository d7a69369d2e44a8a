import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpApp, startHttpApp } from './http-app.js';

const ADMIN = 'admin-key-of-at-least-thirty-two-characters';
const MAX_CHARACTERS = 65_536;
const ABSENT = '00000000-0000-4000-8000-000000000000';

interface Schema {
  $ref?: string;
  type?: string;
  maxLength?: number;
  properties?: Record<string, Schema>;
}

interface Document {
  paths: Record<
    string,
    Record<string, { requestBody?: { content: Record<string, { schema: Schema } | undefined> } }>
  >;
  components: { schemas: Record<string, Schema> };
}

let http: HttpApp;
let id: string;

beforeAll(async () => {
  http = await startHttpApp({ AUTH_MODE: 'required', ADMIN_API_KEY: ADMIN });
  const created = await call('POST', '/api/whatsapp/instances', {
    organization_id: 'org_123',
    instance_name: 'Main WhatsApp',
  });
  id = (created.body['instance'] as { id: string }).id;
  http.sessions.connected.add(id);
});
afterAll(() => http.stop());

const call = (method: string, path: string, body: unknown) =>
  http.api.call(method, path, body, { authorization: `Bearer ${ADMIN}` });

const send = (body: unknown) => call('POST', `/api/whatsapp/instances/${id}/send`, body);

/** As `json.dumps` of Python writes a text: ASCII alone. */
function escaped(text: string): string {
  const codes = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  return codes.map((code) => `\\u${code.toString(16).padStart(4, '0')}`).join('');
}

describe('a text of as many characters as are allowed', () => {
  it.each([
    ['Latin', 'é'],
    ['Devanagari', 'न'],
    ['Chinese', '漢'],
    ['emoji', '😀'],
    ['line breaks', '\n'],
    ['quotes', '"'],
    ['control characters', '\u0001'],
  ])('passes in %s, as it is and escaped', async (_script, character) => {
    const message = `x${character.repeat(MAX_CHARACTERS - 2)}x`;
    const bodies = [
      JSON.stringify({ to: '5511999887766', message }),
      `{\n    "to": "${escaped('5511999887766')}",\n    "message": "${escaped(message)}"\n}\n`,
    ];
    for (const body of bodies) {
      expect((await send(body)).status).toBe(200);
      const { message: sent } = http.sessions.calls.at(-1)!.argument as { message: string };
      expect(sent === message).toBe(true);
    }
  });

  it('is refused by its characters, and never by its bytes, when it has one more', async () => {
    const message = escaped('न'.repeat(MAX_CHARACTERS + 1));

    expect(await send(`{"to":"5511999887766","message":"${message}"}`)).toMatchObject({
      status: 400,
      body: {
        code: 'validation_failed',
        details: [{ path: 'message', message: expect.stringContaining('65536 characters') }],
      },
    });
  });
});

describe('every body that the documentation allows', () => {
  it('is smaller than what is read, with all its fields at their longest and escaped', async () => {
    const document = (await http.api.call<Document>('GET', '/api/docs-json')).body;
    const tried = new Map<string, number>();
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { requestBody }] of Object.entries(methods)) {
        const schema = requestBody?.content['application/json']?.schema;
        if (schema) {
          const { properties = {} } = document.components.schemas[schema.$ref?.split('/').at(-1) ?? ''] ?? {};
          const fields = Object.entries(properties).map(
            ([name, { maxLength = 0 }]) => `"${name}":"${escaped('😀'.repeat(maxLength / 2))}"`,
          );
          const address = path.replaceAll(/\{[^}]+\}/g, ABSENT);
          const { status } = await call(method.toUpperCase(), address, `{${fields.join(',')}}`);
          tried.set(`${method} ${path}`, status);
        }
      }
    }
    expect([...tried].filter(([, status]) => status === 413)).toEqual([]);
    expect([...tried.keys()]).toContain('post /api/whatsapp/instances/{id}/send');
    expect(tried.size).toBeGreaterThan(10);
  });
});

describe('a body that no valid one could be', () => {
  const long = (bytes: number) => JSON.stringify({ to: '5511999887766', message: 'x'.repeat(bytes) });

  it('is answered with 413, plain or compressed', async () => {
    const compressed = await fetch(`${http.url}/api/whatsapp/instances/${id}/send`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ADMIN}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
      body: gzipSync(long(5_000_000)),
    });

    expect(await send(long(1_100_000))).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
    expect(compressed.status).toBe(413);
    expect(await send(long(520_000))).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  it.each([300_000, 5_000_000])('of %i bytes is not read of somebody without a token', async (bytes) => {
    const path = `/api/whatsapp/instances/${id}/send`;

    for (const headers of [{}, { authorization: 'Bearer wrong' }] as Record<string, string>[]) {
      expect(await http.api.call('POST', path, long(bytes), headers)).toMatchObject({
        status: 401,
        body: { code: 'unauthorized' },
      });
    }
  });
});
