import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { extname, join, normalize } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

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
