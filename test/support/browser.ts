import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { extname, join, normalize } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { ensureProgram } from './system-package.js';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/**
 * Debian's Chromium, without a window; installed where there is none and that is possible.
 * @param args more of them, such as a microphone that is none
 * @param kind `quick`: without the parts that a window needs, which it does not have everywhere; `whole`: with notifications, too
 * @throws Error that says what to install
 */
export async function startChromium(
  args: readonly string[] = [],
  kind: 'quick' | 'whole' = 'quick',
): Promise<Browser> {
  const programs = kind === 'quick' ? ['chromium-headless-shell', 'chromium'] : ['chromium'];
  const find = () => programs.map(pathOf).find((path) => path !== undefined);
  if (find() === undefined) {
    await ensureProgram({
      command: [programs[0]!, '--version'],
      debian: `${programs[0]} fonts-dejavu-core`,
      elsewhere: 'where Chromium has another name, link it as chromium',
    });
  }
  return chromium.launch({
    executablePath: find()!,
    // Root has no sandbox; a container has little shared memory.
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-dev-shm-usage',
      '--disable-gpu',
      ...args,
    ],
  });
}

function pathOf(program: string): string | undefined {
  return process.env['PATH']!.split(':')
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
}

/** Serves a folder of built files as a site of its own origin. */
export class StaticSite {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** @param policy the content security policy of its pages */
  static async open(folder: string, policy: string): Promise<StaticSite> {
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url!, 'http://site');
      const path = join(folder, normalize(pathname === '/' ? '/index.html' : pathname));
      if (!existsSync(path) || !statSync(path).isFile()) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, {
        'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
        'content-security-policy': policy,
      });
      createReadStream(path).pipe(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    return new StaticSite(server, `http://127.0.0.1:${port}`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
