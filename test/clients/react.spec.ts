import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SAMPLE_PDF } from '../../src/simulator/media-host/samples.js';
import { startChromium } from '../support/browser.js';
import { StaticSite } from '../support/static-site.js';
import { ClientHome } from '../support/client-home.js';
import { freePort } from '../support/free-port.js';

const EXAMPLE = join(import.meta.dirname, '../../examples/react');

/** Keeps in the page what its progress bar showed. */
const RECORD_PROGRESS = `
  globalThis.seen = [];
  new MutationObserver(() => {
    const bar = document.querySelector('progress');
    if (bar) globalThis.seen.push(bar.value);
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
`;

let home: ClientHome;
let folder: string;
let site: StaticSite;
let browser: Browser;
let page: Page;
const problems: string[] = [];

beforeAll(async () => {
  browser = await startChromium();
  folder = await mkdtemp(join(tmpdir(), 'auzap-react-'));
  await build({ root: EXAMPLE, logLevel: 'error', build: { outDir: folder, emptyOutDir: true } });
  const port = await freePort();
  const service = `127.0.0.1:${port}`;
  site = await StaticSite.open(
    folder,
    `default-src 'none'; script-src 'self'; connect-src http://${service} ws://${service}`,
  );
  home = await ClientHome.open({ PORT: String(port), CORS_ORIGINS: site.url });
  await home.link();
  page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(site.url);
  await page.getByLabel('Service').fill(home.url);
  await page.getByLabel('Token').fill(home.token);
  await page.getByRole('button', { name: 'Open' }).click();
});
afterAll(async () => {
  await browser.close();
  await site.close();
  await home.close();
  await rm(folder, { recursive: true, force: true });
});

const status = (text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();
const messages = () => page.getByRole('listitem').allInnerTexts();

it('shows conversations as they come, and a reply as it is on its way', async () => {
  await status('On line');

  await home.ana.writes(home.owner, 'Are you open <b>today</b>?');
  await page.getByRole('button', { name: 'Ana (1): Are you open <b>today</b>?' }).click();
  await page.getByLabel('Reply').fill('Until six.');
  await page.getByRole('button', { name: 'Send' }).click();

  await home.ana.receives(({ text }) => text === 'Until six.');
  await expect
    .poll(messages)
    .toEqual(['Are you open <b>today</b>?', expect.stringMatching(/^Until six\. (sent|delivered|read)$/)]);
});

it('says that it is off line, and shows each message once when the service is there again', async () => {
  await home.stop('SIGKILL');
  await status('Off line');
  await home.start();
  await home.ana.writes(home.owner, 'Thank you!');

  await status('On line');
  await expect
    .poll(messages)
    .toEqual(['Are you open <b>today</b>?', expect.stringMatching(/^Until six\./), 'Thank you!']);
});

it('sends a file, and shows how far that is', async () => {
  await page.evaluate(RECORD_PROGRESS);
  const buffer = Buffer.concat([SAMPLE_PDF, Buffer.alloc(3_000_000, '%')]);

  await page.getByLabel('Attach').setInputFiles({ name: 'prices.pdf', mimeType: 'application/pdf', buffer });

  const received = await home.ana.receives(({ message }) => Boolean(message.documentMessage));
  expect(received.message.documentMessage!.fileName).toBe('prices.pdf');
  expect((await home.ana.opens(received)).length).toBe(buffer.length);
  const seen = await page.evaluate<number[]>('globalThis.seen');
  expect(seen.at(-1)).toBe(1);
  expect(seen).toEqual(seen.toSorted((one, other) => one - other));
});

it('has no error in the page, and nothing that its policy refuses', () => {
  expect(problems).toEqual([]);
});
