import { type Socket, io } from 'socket.io-client';
import type { WhatsappEventName, WhatsappEvents } from '../common/whatsapp-events.js';

const CALL_TIMEOUT_MS = 30_000;

/** What a customer's application does: calls the REST API and listens on Socket.IO. */
export class DemoClient {
  private readonly socket: Socket;
  private readonly received: { [Name in WhatsappEventName]?: WhatsappEvents[Name][] } = {};

  /** @param url where the service answers */
  constructor(private readonly url: string) {
    this.socket = io(url, { transports: ['websocket'], forceNew: true });
  }

  /** Joins the organization's room and collects its events from then on. */
  async join(organizationId: string): Promise<void> {
    this.collect('whatsapp:connected');
    this.collect('whatsapp:message');
    this.collect('whatsapp:media');
    this.collect('whatsapp:pairing-code');
    const answer: unknown = await this.socket
      .timeout(CALL_TIMEOUT_MS)
      .emitWithAck('join-organization', organizationId);
    if ((answer as { success?: boolean }).success !== true) {
      throw new Error(`join-organization was refused: ${JSON.stringify(answer)}`);
    }
  }

  /**
   * Calls a route.
   * @returns the answer's body
   * @throws Error with the service's own words when the answer is no success
   */
  async call<Body>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Body> {
    const response = await fetch(this.url + path, {
      method,
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      ...(body instanceof FormData && { body }),
      ...(body !== undefined &&
        !(body instanceof FormData) && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
    });
    const answer = (await response.json()) as Body & { error?: string };
    if (!response.ok) {
      throw new Error(`${method} ${path} answered ${response.status}: ${answer.error ?? 'no reason'}`);
    }
    return answer;
  }

  /**
   * @param path of a file, or its URL
   * @returns its bytes
   */
  async bytes(path: string): Promise<Uint8Array> {
    const response = await fetch(new URL(path, this.url), { signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
    if (!response.ok) {
      throw new Error(`GET ${path} answered ${response.status}`);
    }
    return new Uint8Array(await response.arrayBuffer());
  }

  /** @returns the first event of that name which fits, also one that came before the call */
  async event<Name extends WhatsappEventName>(
    name: Name,
    fits: (payload: WhatsappEvents[Name]) => boolean = () => true,
  ): Promise<WhatsappEvents[Name]> {
    const early = this.eventsOf(name).find(fits);
    if (early !== undefined) {
      return early;
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${name} event came`)), CALL_TIMEOUT_MS);
      const listen = (payload: WhatsappEvents[Name]): void => {
        if (fits(payload)) {
          clearTimeout(timer);
          this.socket.off(name as string, listen);
          resolve(payload);
        }
      };
      this.socket.on(name as string, listen);
    });
  }

  /** @returns every event of that name so far, in order */
  eventsOf<Name extends WhatsappEventName>(name: Name): WhatsappEvents[Name][] {
    return (this.received[name] ?? []) as WhatsappEvents[Name][];
  }

  close(): void {
    this.socket.disconnect();
  }

  private collect<Name extends WhatsappEventName>(name: Name): void {
    const list: WhatsappEvents[Name][] = [];
    Object.assign(this.received, { [name]: list });
    this.socket.on(name as string, (payload: WhatsappEvents[Name]) => list.push(payload));
  }
}
