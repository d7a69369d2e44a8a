import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { vi } from 'vitest';
import { listenOn } from './listen-on.js';

const LIMIT_MS = 30_000;

export interface WebhookBody {
  type: string;
  timestamp: string;
  sequence: number | null;
  organization_id: string;
  data: Record<string, unknown>;
}

/** A call that came, whatever it was answered. */
export interface ReceivedCall {
  path: string;
  id: string;
  headers: Record<string, string>;
  text: string;
  body: WebhookBody;
}

/** Says what becomes of a call; left out, it is answered 204. */
export type Behaviour = (call: ReceivedCall, response: ServerResponse) => unknown;

/** Where webhooks lead to in tests: a server of this machine that remembers what comes. */
export class WebhookReceiver {
  readonly calls: ReceivedCall[] = [];
  /** Those that were answered 204. */
  readonly taken: ReceivedCall[] = [];
  private readonly behaviours = new Map<string, Behaviour>();
  private server: Server | undefined;
  private port = 0;

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await receiver.listen();
    return receiver;
  }

  url(path = '/'): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  on(path: string, behaviour?: Behaviour): void {
    if (behaviour) {
      this.behaviours.set(path, behaviour);
    } else {
      this.behaviours.delete(path);
    }
  }

  /** Ends as a crash would: whoever is connected is cut off. */
  async kill(): Promise<void> {
    const server = this.server!;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** Comes back where it was. */
  async revive(): Promise<void> {
    await this.listen(this.port);
  }

  callsTo(path: string): ReceivedCall[] {
    return this.calls.filter((call) => call.path === path);
  }

  takenBy(path: string): ReceivedCall[] {
    return this.taken.filter((call) => call.path === path);
  }

  /** @returns the calls that a path has taken, once there are so many that fit */
  async until(
    path: string,
    count: number,
    fits: (call: ReceivedCall) => boolean = () => true,
  ): Promise<ReceivedCall[]> {
    return vi.waitFor(() => {
      const calls = this.takenBy(path).filter(fits);
      if (calls.length < count) {
        throw new Error(`${path} has taken ${calls.length} of ${count}`);
      }
      return calls;
    }, LIMIT_MS);
  }

  private async listen(port = 0): Promise<void> {
    this.server = createServer((request, response) => void this.receive(request, response));
    if (port === 0) {
      await listenOn(this.server);
      this.port = (this.server.address() as AddressInfo).port;
    } else {
      await new Promise<void>((resolve, reject) => {
        this.server!.once('error', reject).listen(port, '127.0.0.1', resolve);
      });
    }
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        chunks.push(chunk);
      }
    } catch {
      return;
    }
    const text = Buffer.concat(chunks).toString();
    const call: ReceivedCall = {
      path: request.url!,
      id: String(request.headers['webhook-id']),
      headers: request.headers as Record<string, string>,
      text,
      body: JSON.parse(text) as WebhookBody,
    };
    this.calls.push(call);
    await this.behaviours.get(call.path)?.(call, response);
    if (!response.headersSent && !response.destroyed && !isHeld.has(response)) {
      this.taken.push(call);
      response.writeHead(204).end();
    }
  }
}

const isHeld = new WeakSet<ServerResponse>();

/** A behaviour: nothing is answered, ever. */
export const hangs: Behaviour = (_call, response) => void isHeld.add(response);

/** A behaviour: it is answered so, and not taken. */
export const answers =
  (status: number, headers: Record<string, string> = {}): Behaviour =>
  (_call, response) =>
    response.writeHead(status, headers).end('no');

/** @throws WebhookVerificationError unless the library of the specification finds the call signed by the secret */
export function verify({ text, headers }: ReceivedCall, secret: string): void {
  new Webhook(secret).verify(text, headers);
}
