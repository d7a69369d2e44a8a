import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { endProcess } from '../support/end-process.js';
import { freePort } from '../support/free-port.js';
import { untilLine } from '../support/until-line.js';
import type { Business } from './business.js';
import type { ChatwootServer } from './chatwoot-server.js';

const MAIN = join(import.meta.dirname, '../../integrations/chatwoot/main.ts');
export const PATH_TOKEN = 'a-token-of-at-least-24-characters';

/** The bridge in a process of its own, to be killed and started again. */
export class ChatwootBridge {
  output = '';
  private child: ChildProcess | undefined;

  private constructor(
    readonly folder: string,
    private readonly environment: Record<string, string>,
    readonly url: string,
  ) {}

  /** Starts it between the two, with a webhook at the service and the address in the inbox. */
  static async start(business: Business, chatwoot: ChatwootServer): Promise<ChatwootBridge> {
    const [folder, port, key] = await Promise.all([
      mkdtemp(join(tmpdir(), 'auzap-bridge-')),
      freePort(),
      business.key('read', 'send'),
    ]);
    const url = `http://127.0.0.1:${port}`;
    const { body } = await business.api.call<{ secret: string }>('POST', '/api/webhooks', {
      organization_id: business.organizationId,
      url: `${url}/auzap`,
      events: ['whatsapp:message', 'whatsapp:media', 'whatsapp:message-status'],
      instance_id: business.instanceId,
    });
    chatwoot.webhookUrl = `${url}/chatwoot/${PATH_TOKEN}`;
    const bridge = new ChatwootBridge(
      folder,
      {
        AUZAP_URL: business.url,
        AUZAP_API_KEY: key,
        AUZAP_INSTANCE_ID: business.instanceId,
        AUZAP_WEBHOOK_SECRET: body.secret,
        CHATWOOT_URL: chatwoot.url,
        CHATWOOT_ACCOUNT_ID: String(chatwoot.accountId),
        CHATWOOT_INBOX_ID: String(chatwoot.inboxId),
        CHATWOOT_ACCESS_TOKEN: chatwoot.accessToken,
        CHATWOOT_PATH_TOKEN: PATH_TOKEN,
        CHATWOOT_STATE_FILE: join(folder, 'state/bridge.db'),
        PORT: String(port),
      },
      url,
    );
    await bridge.revive();
    return bridge;
  }

  /** Starts it with a configuration that is not right. @returns what it ended with */
  static async runWith(environment: Record<string, string>): Promise<{ code: number; stderr: string }> {
    const child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'close') as Promise<[number]>;
    const [stderr, [code]] = await Promise.all([text(child.stderr), ended]);
    return { code, stderr };
  }

  async revive(): Promise<void> {
    this.child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env['PATH'], ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (this.output += chunk));
    }
    await untilLine(this.child, this.child.stdout!, {
      name: 'the bridge',
      line: 'bridge started',
      timeoutMs: 20_000,
    });
  }

  /** @returns the exit code, or the signal's name */
  end(signal: NodeJS.Signals): Promise<number | string> {
    return endProcess(this.child!, signal);
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.folder, { recursive: true });
  }
}
