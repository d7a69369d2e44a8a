import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebhookSettings } from '../../src/webhooks/webhook-settings.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { endProcess } from '../support/end-process.js';
import { freePort } from '../support/free-port.js';
import { type HttpApp, startHttpApp } from './http-app.js';

const EXAMPLE = join(import.meta.dirname, '../../examples/webhook-receiver.mjs');
const ORGANIZATION = 'org_example';
const PATIENCE = { timeout: 20_000 };

let http: HttpApp;
let port: number;
const children: ChildProcess[] = [];

beforeAll(async () => {
  http = await startHttpApp({ OUTSIDE_URLS_ALLOW: '127.0.0.1' });
  Object.assign(http.app.get(WebhookSettings, { strict: false }), { retry: { baseMs: 100, maxMs: 100 } });
  port = await freePort();
});
afterAll(async () => {
  await Promise.all(children.map((child) => endProcess(child, 'SIGTERM')));
  await http.stop();
});

/** @returns what the receiver prints, line by line */
function receive(secret: string): unknown[] {
  const lines: unknown[] = [];
  const child = spawn(process.execPath, [EXAMPLE], {
    env: { PATH: process.env.PATH, WEBHOOK_SECRET: secret, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
  children.push(child);
  return lines;
}

it('the example receives each event once, also where it comes again, and refuses what is signed otherwise', async () => {
  await http.api.call('POST', '/api/organizations', { id: ORGANIZATION });
  const { body } = await http.api.call<{ webhook: { id: string }; secret: string }>('POST', '/api/webhooks', {
    organization_id: ORGANIZATION,
    url: `http://127.0.0.1:${port}/`,
  });
  const { sql } = http.app.get<OpenDatabase>(OPEN_DATABASE, { strict: false });
  for (const text of ['one', 'two']) {
    const event = { name: 'whatsapp:message', payload: { text, contactId: 'a' } };
    await sql('select append_event($1::text, null, $2::text::jsonb)', [ORGANIZATION, JSON.stringify(event)]);
  }

  const lines = receive(body.secret);
  const told = ['one', 'two'].map((text, index) => ({ type: 'whatsapp:message', sequence: index + 1, text }));
  await expect.poll(() => lines, PATIENCE).toEqual(told);

  const { id } = body.webhook;
  const redriven = await http.api.call('POST', `/api/webhooks/${id}/redrive`, { after: 0 });
  expect(redriven.status).toBe(200);
  await expect
    .poll(async () => {
      const { rows } = await sql(
        `select count(*)::int as count from webhook_deliveries d join webhook_endpoints w on w.id = d.endpoint_id
          where d.status = 'delivered' and w.redrive_after is null and d.delivered_at > w.updated_at`,
      );
      return rows[0]!['count'];
    }, PATIENCE)
    .toBe(2);
  expect(lines).toEqual(told);

  await http.api.call('POST', `/api/webhooks/${id}/rotate-secret`, { overlap_seconds: 0 });
  const { body: tried } = await http.api.call('POST', `/api/webhooks/${id}/test`);
  expect(tried).toMatchObject({ test: { delivered: false, response: { status: 400 } } });
});
