import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium } from '../support/browser.js';
import { ConsoleService } from './support/console-service.js';
import type { Scene } from './support/scene.js';
import { type Look, Visit } from './support/visit.js';

const MODULES = import.meta.glob<{ scenes: Scene[] }>('./scenes/*.ts', { eager: true });
const SCENES = Object.values(MODULES).flatMap(({ scenes }) => scenes);
/** Where pictures are put; without it there are none. */
const PICTURES = process.env['SCREENSHOTS'];

const LOOKS: Record<string, Look> = {
  light: {},
  dark: { colorScheme: 'dark' },
  phone: { width: 360, height: 740 },
  'phone-dark': { width: 360, height: 740, colorScheme: 'dark' },
};

/** Scenes take turns in being looked at in one of two, which have both widths and both colours; pictures are made of each in all of them. */
const TURNS = ['light', 'phone-dark'];
const looksOf = (scene: Scene): string[] =>
  scene.look !== undefined
    ? ['own']
    : PICTURES === undefined
      ? [TURNS[SCENES.indexOf(scene) % TURNS.length]!]
      : Object.keys(LOOKS);

const ENVIRONMENTS: Record<NonNullable<Scene['service']>, Record<string, string>> = {
  open: { OUTSIDE_URLS_ALLOW: '127.0.0.1' },
  required: {
    AUTH_MODE: 'required',
    HOST: '127.0.0.1',
    ADMIN_API_KEY: 'an-administrators-key-that-is-long-enough',
    SUPABASE_JWKS_URL: 'http://127.0.0.1:9/auth/v1/.well-known/jwks.json',
    SUPABASE_ANON_KEY: 'sb_publishable_of_nobody_at_all',
  },
};

let browser: Browser;

beforeAll(async () => {
  browser = await startChromium();
  if (PICTURES !== undefined) {
    await mkdir(PICTURES, { recursive: true });
  }
});
afterAll(() => browser.close());

describe.each(['open', 'required'] as const)('with sign-in %s', (kind) => {
  let service: ConsoleService;
  // One browser for each look: it reads the page's code once.
  const windows = new Map<Look, Visit>();
  const windowWith = async (look: Look) => {
    const window = windows.get(look) ?? (await Visit.begin(browser, service.url, look));
    windows.set(look, window);
    return window;
  };
  beforeAll(async () => {
    service = await ConsoleService.start(ENVIRONMENTS[kind]);
  });
  afterAll(async () => {
    await Promise.all([...windows.values()].map((window) => window.end()));
    await service.stop();
  });

  describe.each(SCENES.filter((scene) => (scene.service ?? 'open') === kind))('$name', (scene) => {
    let organizationId: string | undefined;
    beforeAll(async () => {
      organizationId = await scene.prepare?.(service);
    });

    it.each(looksOf(scene))('can be seen and used by everybody: %s', async (name) => {
      const window = await windowWith(scene.look ?? LOOKS[name]!);
      const visit = await window.anotherTab(organizationId);
      await scene.show(visit);
      // Names that are read on their own.
      await visit.page.getByText('…', { exact: true }).first().waitFor({ state: 'hidden' });
      // What comes in takes its time to be there.
      await visit.page.evaluate(() =>
        Promise.allSettled(document.getAnimations().map(({ finished }) => finished)),
      );
      if (PICTURES !== undefined) {
        const file = scene.look === undefined ? `${scene.name}-${name}.png` : `${scene.name}.png`;
        await visit.page.screenshot({ path: join(PICTURES, file) });
      }
      expect(await visit.accessibilityFaults()).toEqual([]);
      expect(await visit.sidewaysScroll()).toBe(0);
      await visit.end();
    });
  });
});
