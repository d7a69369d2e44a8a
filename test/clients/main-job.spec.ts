import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mainJob } from '../../docs/examples/main-job.js';
import { startChromium } from '../support/browser.js';
import { StaticSite } from '../support/static-site.js';
import { ClientHome } from '../support/client-home.js';
import { freePort } from '../support/free-port.js';

const ROOT = join(import.meta.dirname, '../..');
const FILE = join(ROOT, 'docs/examples/main-job.ts');

let home: ClientHome;
let folder: string;
let site: StaticSite;
let browser: Browser;

beforeAll(async () => {
  browser = await startChromium();
  folder = await mkdtemp(join(tmpdir(), 'auzap-main-job-'));
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

/** The owner types the code, and once the number is linked a customer writes. */
async function actOnPhones(code: string): Promise<void> {
  await home.owner.types(code);
  await home.ana.writes(home.owner, 'Can I come on Tuesday?');
}

it('is done in under 40 lines', async () => {
  expect((await readFile(FILE, 'utf8')).trimEnd().split('\n').length).toBeLessThan(40);
});

it('is done in Node', async () => {
  home = await ClientHome.open();
  const { url, token, organizationId, owner } = home;

  const done = await mainJob({
    url,
    token,
    organizationId,
    phoneNumber: owner.number,
    showCode: (code) => void actOnPhones(code),
  });

  expect(done.booking).toMatchObject({ status: 'confirmed', title: 'Haircut' });
  await home.ana.receives(({ text }) => text === 'Confirmed: see you then!');
  await home.close();
});

it('is done in a browser, from a page of another origin with a strict policy', async () => {
  await writeFile(join(folder, 'index.html'), '<script type="module" src="/page.js"></script>');
  await writeFile(
    join(folder, 'page.ts'),
    `import { mainJob } from ${JSON.stringify(FILE)};\nObject.assign(globalThis, { mainJob });\n`,
  );
  await build({
    root: ROOT,
    logLevel: 'error',
    configFile: false,
    build: {
      outDir: folder,
      emptyOutDir: false,
      lib: { entry: join(folder, 'page.ts'), formats: ['es'], fileName: 'page' },
    },
  });
  const port = await freePort();
  const service = `127.0.0.1:${port}`;
  site = await StaticSite.open(
    folder,
    `default-src 'none'; script-src 'self'; connect-src http://${service} ws://${service}`,
  );
  home = await ClientHome.open({ PORT: String(port), CORS_ORIGINS: site.url });
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())));
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(site.url);
  await page.exposeFunction('showCode', (code: string) => void actOnPhones(code));

  const done = await page.evaluate(
    ([url, token, organizationId, phoneNumber]) => {
      const { mainJob: run, showCode } = globalThis as unknown as {
        mainJob: typeof mainJob;
        showCode: (code: string) => void;
      };
      return run({ url, token, organizationId, phoneNumber, showCode });
    },
    [home.url, home.token, home.organizationId, home.owner.number] as const,
  );

  expect(done.booking).toMatchObject({ status: 'confirmed', title: 'Haircut' });
  await home.ana.receives(({ text }) => text === 'Confirmed: see you then!');
  // A browser asks for an icon by itself, which the site has none of.
  expect(problems.filter((text) => !text.includes('404'))).toEqual([]);
  await page.close();
  await site.close();
  await home.close();
});
