import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answers, verify, WebhookReceiver } from '../support/webhook-receiver.js';
import { startChromium } from '../support/browser.js';
import { ConsoleService } from './support/console-service.js';
import { Visit } from './support/visit.js';

const ADMIN_KEY = 'an-administrators-key-that-is-long-enough';

let browser: Browser;
let service: ConsoleService;
let receiver: WebhookReceiver;
let organizationId: string;
let visit: Visit;
let nextNumber = 5_511_970_200_001;

beforeAll(async () => {
  browser = await startChromium();
  receiver = await WebhookReceiver.start();
  service = await ConsoleService.start({
    OUTSIDE_URLS_ALLOW: '127.0.0.1',
    AUTH_MODE: 'required',
    HOST: '127.0.0.1',
    ADMIN_API_KEY: ADMIN_KEY,
  });
});
afterAll(async () => {
  await browser.close();
  await service.stop();
  await receiver.kill();
});
beforeEach(async () => {
  organizationId = `org_${randomUUID().slice(0, 8)}`;
  await asAdmin('POST', '/api/organizations', { id: organizationId, name: 'Clínica Sol' });
  visit = await Visit.begin(browser, service.url, { organizationId });
});
afterEach(() => visit.end());

const asAdmin = <T>(method: string, path: string, body?: object) =>
  service.call<T>(method, path, body, ADMIN_KEY);
const { page, button, dialog } = {
  page: () => visit.page,
  button: (name: string | RegExp) => visit.page.getByRole('button', { name }),
  dialog: () => visit.page.getByRole('dialog'),
};

async function signIn(path: string, key = ADMIN_KEY): Promise<void> {
  await visit.open(path);
  await page().getByRole('textbox', { name: 'Access key' }).fill(key);
  await page().getByRole('button', { name: 'Sign in' }).click();
}

/** What is shown this once, before it is closed. */
async function takeSecret(label: string): Promise<string> {
  const text = await dialog().getByRole('region', { name: label }).textContent();
  await button('I kept it').click();
  return text!;
}

async function makeKey(scopes: string[]): Promise<string> {
  const path = `/api/organizations/${organizationId}/api-keys`;
  return (await asAdmin<{ key: string }>('POST', path, { name: 'Made', scopes })).key;
}

/** Something that is an event. */
async function anEvent(name: string): Promise<void> {
  await service.linkedNumber(organizationId, String(nextNumber++), name, ADMIN_KEY);
}

it('creates a key that does what it may, rotates and revokes it', async () => {
  await signIn('/integrations');
  await button('Create a key').click();
  await dialog().getByRole('button', { name: 'Create a key' }).click();
  await page().getByText('Write a name.').waitFor();
  await dialog().getByLabel('Name').fill('Booking site');
  await dialog().getByRole('checkbox', { name: /^Send/ }).uncheck();
  await dialog().getByRole('button', { name: 'Create a key' }).click();
  const first = await takeSecret('The key Booking site');
  const read = `/api/contacts?organization_id=${organizationId}`;
  await service.call('GET', read, undefined, first);
  await expect(service.call('POST', '/api/organizations', { id: 'x', name: 'x' }, first)).rejects.toThrow(
    '403',
  );

  await button('Rotate Booking site').click();
  await page().getByLabel('The old one ends').selectOption('at once');
  await dialog().getByRole('button', { name: 'Rotate' }).click();
  const second = await takeSecret('The key Booking site');
  expect(second).not.toBe(first);
  await expect(service.call('GET', read, undefined, first)).rejects.toThrow('401');
  await service.call('GET', read, undefined, second);
  expect(await page().content()).not.toContain(second);

  await button('Revoke Booking site').click();
  await page().getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
  await page().getByText('Revoked: Booking site').waitFor();
  await expect(service.call('GET', read, undefined, second)).rejects.toThrow('401');
});

it('creates a webhook, tests it, and shows what was delivered to it', async () => {
  await signIn('/integrations/webhooks');
  await button('Create a webhook').click();
  await dialog().getByLabel('Address').fill(receiver.url('/good'));
  await dialog().getByRole('checkbox', { name: 'All events' }).uncheck();
  await dialog().getByRole('checkbox', { name: 'whatsapp:connected' }).check();
  await dialog().getByRole('button', { name: 'Create a webhook' }).click();
  const secret = await takeSecret('Secret of the webhook');
  await page()
    .getByRole('link', { name: receiver.url('/good') })
    .click();
  await button('Test').click();
  await page()
    .getByText(/It was taken: answer 204/)
    .waitFor();
  verify(receiver.callsTo('/good')[0]!, secret);
  await page().getByText('Nothing was sent').waitFor();

  await anEvent('Shop');
  await receiver.until('/good', 1, ({ body }) => body.type === 'whatsapp:connected');
  await button('Read again').click();
  await page().getByText('Event 1', { exact: true }).waitFor();
  await expect
    .poll(async () => {
      await button('Read again').click();
      return page().getByText('Delivered', { exact: true }).count();
    })
    .toBeGreaterThan(1); // One of them is a choice of the filter.
  await page().getByText('Details').click();
  await button('Deliver this one again').click();
  await receiver.until('/good', 2, ({ body }) => body.type === 'whatsapp:connected');

  await button('Rotate the secret').click();
  await dialog().getByRole('button', { name: 'Rotate' }).click();
  const next = await takeSecret('Secret of the webhook');
  await page()
    .getByText(/The secret before this one signs, too/)
    .waitFor();
  await button('Deliver this one again').click();
  const [, , third] = await receiver.until('/good', 3, ({ body }) => body.type === 'whatsapp:connected');
  // Whoever checks with either finds it signed.
  verify(third!, secret);
  verify(third!, next);
});

it('says how a webhook fails, pauses it and goes on with what waited', async () => {
  receiver.on('/bad', answers(500));
  await signIn('/integrations/webhooks');
  await button('Create a webhook').click();
  await dialog().getByLabel('Address').fill(receiver.url('/bad'));
  await dialog().getByRole('button', { name: 'Create a webhook' }).click();
  await takeSecret('Secret of the webhook');
  await page()
    .getByRole('link', { name: receiver.url('/bad') })
    .click();
  await button('Test').click();
  await page().getByText('It was not taken: status_not_ok (answer 500).').waitFor();
  await button('Pause').click();
  await page().getByText('Paused', { exact: true }).waitFor();
  await anEvent('Shop');
  receiver.on('/bad');
  await button('Go on').click();
  await receiver.until('/bad', 1, ({ body }) => body.type === 'whatsapp:connected');
  await button('Delete').click();
  await page().getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await page().getByRole('heading', { name: 'No webhook yet' }).waitFor();
});

it('refuses an address within the network, in the place of it', async () => {
  await signIn('/integrations/webhooks');
  await button('Create a webhook').click();
  await dialog().getByLabel('Address').fill('http://10.0.0.1/');
  await dialog().getByRole('button', { name: 'Create a webhook' }).click();
  await expect.poll(() => dialog().getByLabel('Address').getAttribute('aria-invalid')).toBe('true');
});

it('shows events as they come, and from one on', async () => {
  await signIn('/integrations/events');
  await page().getByText('Waiting for events …').waitFor();
  await anEvent('Shop');
  await page().getByRole('list', { name: 'Events' }).getByText('whatsapp:connected').click();
  await page().getByText('"instanceId"').waitFor();

  await page().getByLabel('After the event number').fill('0');
  await button('Read from there').click();
  await page().getByText('Event 1', { exact: true }).waitFor();
  await page().getByLabel('Kind').selectOption('whatsapp:booking');
  await page().getByText('Event 1', { exact: true }).waitFor({ state: 'detached' });
  await button('Show what comes').click();
  await page().getByText('Waiting for events …').waitFor();
});

it('leads to the documents of the API and of its events', async () => {
  await signIn('/integrations');
  for (const name of ['API reference', 'Event reference']) {
    const address = await page().getByRole('link', { name }).getAttribute('href');
    expect((await fetch(address!)).status).toBe(200);
  }
});

it('is not there for who may not manage', async () => {
  await signIn('/integrations', await makeKey(['read', 'send']));
  await page().getByRole('heading', { name: 'There is nothing here' }).waitFor();
  expect(await page().getByRole('link', { name: 'Integrations' }).count()).toBe(0);
});

describe('examples', () => {
  it('run as they are copied, with the ids that they have', async () => {
    const number = String(nextNumber++);
    const instanceId = await service.linkedNumber(organizationId, number, 'Shop', ADMIN_KEY);
    await service.call('POST', '/api/simulator/phones', { number: '5511988887777', name: 'Ana' }, ADMIN_KEY);
    const key = await makeKey(['read', 'send', 'manage']);
    await signIn('/integrations/examples');
    await page().getByText(instanceId).first().waitFor();
    const textOf = (label: string) =>
      page().getByRole('region', { name: label }).locator('code').textContent().then(String);

    const sent = await runCurl(await textOf('curl, Send a text'), key);
    expect(sent).toMatchObject({ success: true });
    const list = await runCurl<{ messages: { content: string }[] }>(await textOf('curl, List messages'), key);
    expect(list.messages.map(({ content }) => content)).toEqual(['Hello!']);
    const events = await runCurl<{ events: object[] }>(await textOf('curl, Receive events'), key);
    expect(events.events.length).toBeGreaterThan(0);
    // The same key is the same message: it is sent once.
    expect(await runTypescript(await textOf('TypeScript, Send a text'), key)).toContain(
      (sent as { message_id: string }).message_id,
    );
    expect(await runTypescript(await textOf('TypeScript, List messages'), key)).toBe('outbound Hello!\n');
  });
});

async function runCurl<T = object>(command: string, key: string): Promise<T> {
  const { stdout } = await promisify(execFile)('bash', ['-c', command], {
    env: { PATH: process.env.PATH, AUZAP_TOKEN: key },
  });
  return JSON.parse(stdout) as T;
}

async function runTypescript(program: string, key: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'auzap-example-'));
  try {
    await symlink(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'example.mts'), program);
    const env = { PATH: process.env.PATH, AUZAP_TOKEN: key };
    return (await promisify(execFile)(process.execPath, [join(folder, 'example.mts')], { env })).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}
