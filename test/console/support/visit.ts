import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Locale } from '../../../console/src/i18n/locales.ts';

/** How long a person waits for anything here: much longer than it takes, since a loaded machine takes much longer. */
const PATIENCE_MS = 30_000;

/** What browsers tell of any page: of answers that are no success, and of a header that they heed over https alone. */
const HARMLESS = /^(Failed to load resource|The Cross-Origin-Opener-Policy header has been ignored)/;

/** How somebody looks at the page. */
export interface Look {
  locale?: Locale;
  colorScheme?: 'light' | 'dark';
  width?: number;
  height?: number;
  /** Where they are, such as `America/Sao_Paulo`; by default where the machine is. */
  timeZone?: string;
  /** Which business the page is about. */
  organizationId?: string;
  /** The browser keeps the shell of the page, as people's do: answers that a test makes up may not get through then. */
  keepsShell?: boolean;
}

declare global {
  // What the page is given before its own code.
  var policyViolations: string[];
  var axe: { run: (context: object, options: object) => Promise<AxeResults> };
}

interface AxeResults {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
}

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Somebody who looks at the page in a browser. What must never happen is noted whatever a test is about: a violation of the content
 * security policy, a request to anywhere but the service, an error that nothing caught.
 */
export class Visit {
  private readonly faults: string[] = [];

  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
    private readonly origin: string,
  ) {
    page.on('pageerror', (error) => this.faults.push(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !HARMLESS.test(message.text())) {
        this.faults.push(`console: ${message.text()}`);
      }
    });
    for (const event of ['request', 'websocket'] as const) {
      // The two events differ in their types alone.
      page.on(event as 'request', (made) => this.noteAddress(made.url()));
    }
  }

  /** @param url of the service */
  static async begin(browser: Browser, url: string, look: Look = {}): Promise<Visit> {
    const context = await browser.newContext({
      locale: look.locale ?? 'en',
      colorScheme: look.colorScheme ?? 'light',
      viewport: { width: look.width ?? 1280, height: look.height ?? 800 },
      reducedMotion: 'reduce',
      ...(look.timeZone !== undefined && { timezoneId: look.timeZone }),
      baseURL: url,
      serviceWorkers: look.keepsShell === true ? 'allow' : 'block',
    });
    context.setDefaultTimeout(PATIENCE_MS);
    // Before the page's own code, and where its policy does not reach.
    await context.addInitScript(() => {
      globalThis.policyViolations = [];
      document.addEventListener('securitypolicyviolation', (event) => {
        globalThis.policyViolations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
      });
    });
    if (look.organizationId !== undefined) {
      await choose(context, look.organizationId);
    }
    return new Visit(context, await context.newPage(), new URL(url).host);
  }

  /**
   * @param organizationId which business that tab is about; by default the same
   * @returns the same person in another tab of the same browser
   */
  async anotherTab(organizationId?: string): Promise<Visit> {
    const page = await this.context.newPage();
    if (organizationId !== undefined) {
      await choose(page, organizationId);
    }
    return new Visit(this.context, page, this.origin);
  }

  async open(path: string): Promise<void> {
    await this.page.goto(path, { waitUntil: 'domcontentloaded' });
  }

  /** Has the service refuse what the page asks there. @param addresses as Playwright matches them */
  async refuse(addresses: string): Promise<void> {
    const json = { success: false, error: 'Not now.', code: 'validation_failed', requestId: 'x' };
    await this.page.route(addresses, (route) => route.fulfill({ status: 400, json }));
  }

  /** Waits until the page says that something failed, after it has asked once more, as it does once events come. */
  async saysThatItFailed(): Promise<void> {
    await this.page.waitForLoadState('networkidle');
    await this.page.getByRole('button', { name: 'Try again' }).first().waitFor();
  }

  /**
   * Leaves what the page asks there without an answer.
   * @param addresses as Playwright matches them
   * @returns waits until the page asked, and says that it is loading
   */
  async hold(addresses: string): Promise<() => Promise<void>> {
    const asked = Promise.withResolvers<void>();
    await this.page.route(addresses, (route) =>
      // A view may have the address of what it asks.
      route.request().resourceType() === 'document' ? route.continue() : asked.resolve(),
    );
    return async () => {
      await asked.promise;
      await this.page.getByText('Loading …').first().waitFor();
    };
  }

  /** @returns what keeps people from using the page as it is shown now */
  async accessibilityFaults(): Promise<string[]> {
    // Where the page's policy does not reach, and only where it is wanted: it is as large as the page.
    await this.page.evaluate(axeSource);
    const { violations } = await this.page.evaluate(() =>
      globalThis.axe.run(
        // They hand the focus on the moment they have it.
        { exclude: [['[data-base-ui-focus-guard]']] },
        {
          resultTypes: ['violations'],
          runOnly: {
            type: 'tag',
            values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
          },
          // A menu or a list that is open stands in no landmark, and is none.
          rules: { region: { enabled: document.querySelector('[role="menu"], [role="listbox"]') === null } },
        },
      ),
    );
    return violations.map(
      ({ id, help, nodes }) =>
        `${id}: ${help}\n${nodes.map(({ html, failureSummary = '' }) => `${html} ${failureSummary}`).join('\n')}`,
    );
  }

  /** @returns by how many pixels the page is wider than the screen */
  sidewaysScroll(): Promise<number> {
    return this.page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth - clientWidth;
    });
  }

  /** @throws Error where something happened that must never happen */
  async end(): Promise<void> {
    const violations = await this.page.evaluate(() => globalThis.policyViolations).catch(() => []);
    await this.page.close();
    if (this.context.pages().length === 0) {
      await this.context.close();
    }
    const faults = [...this.faults, ...violations];
    if (faults.length > 0) {
      throw new Error(`while somebody looked at the page: ${faults.join('; ')}`);
    }
  }

  private noteAddress(address: string): void {
    const { protocol, host } = new URL(address);
    if (protocol !== 'blob:' && protocol !== 'data:' && host !== this.origin) {
      this.faults.push(`request to ${host}`);
    }
  }
}

async function choose(where: BrowserContext | Page, organizationId: string): Promise<void> {
  await where.addInitScript((id) => {
    localStorage.setItem('auzap.organization', id);
    sessionStorage.setItem('auzap.organization', id);
  }, organizationId);
}
