import { randomBytes, randomUUID } from 'node:crypto';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { claimsOf, hmac, tokenOf } from './identity-provider.js';
import { SocketClient } from './socket-client.js';

/** Something that somebody got to see, and where. */
export interface Shown {
  where: string;
  text: string;
}

/** One answer of the service, as it came. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** How to reach the service, as its administrator. */
export interface ServiceAccess {
  /** Of each node. */
  urls: readonly string[];
  adminKey: string;
  jwtSecret: string;
  /** Who issues the tokens of users, where the service asks. */
  issuer?: string;
}

const PATIENCE_MS = 45_000;

/**
 * A business that uses the service, with everything that it ever got to see of it. Whatever is its own carries a mark: its
 * ids one, and what it says, its names and its texts, another.
 */
export class Tenant {
  readonly organizationId: string;
  /** In everything that it says; no log may show it. */
  readonly words = `words${randomBytes(6).toString('hex')}`;
  readonly userId = randomUUID();
  readonly shown: Shown[] = [];
  readonly keys: string[] = [];
  readonly sockets: SocketClient[] = [];
  readonly instanceIds: string[] = [];
  private calls = 0;

  private constructor(
    private readonly access: ServiceAccess,
    /** Its WhatsApp numbers. */
    readonly phones: readonly Phone[],
  ) {
    this.organizationId = `org_${randomBytes(6).toString('hex')}`;
  }

  /** Founds the organization, with keys, a user, and a socket at each node. */
  static async found(access: ServiceAccess, phones: readonly Phone[]): Promise<Tenant> {
    const tenant = new Tenant(access, phones);
    await tenant.administer('POST', '/api/organizations', {
      id: tenant.organizationId,
      name: tenant.says('Ltd'),
    });
    await tenant.administer('PUT', `${tenant.path}/members/${tenant.userId}`, { role: 'owner' });
    for (const name of ['front', 'back']) {
      tenant.keys.push((await tenant.makeKey(name)).key);
    }
    await tenant.listen(0, tenant.keys[0]!);
    await tenant.listen(1, tenant.token);
    return tenant;
  }

  /** Where the service knows it. */
  get path(): string {
    return `/api/organizations/${this.organizationId}`;
  }

  /** Of its user, as Supabase makes one. */
  get token(): string {
    const { issuer, jwtSecret } = this.access;
    const claims = claimsOf(this.userId, issuer === undefined ? {} : { iss: issuer });
    return tokenOf({ alg: 'HS256' }, claims, hmac(jwtSecret));
  }

  /** Marks a text as its own. */
  says(text: string): string {
    return `${text} ${this.words}`;
  }

  /** Links its numbers. */
  async link(): Promise<void> {
    for (const [index, phone] of this.phones.entries()) {
      const created = await this.ask('POST', '/api/whatsapp/instances', {
        organization_id: this.organizationId,
        instance_name: this.says(`Desk ${index}`),
        phone_number: phone.number,
      });
      const { instance } = JSON.parse(created.text) as { instance: { id: string } };
      this.instanceIds.push(instance.id);
      const asked = await this.ask('POST', `/api/whatsapp/instances/${instance.id}/connect`, {
        method: 'code',
      });
      await phone.types((JSON.parse(asked.text) as { pairingCode: string }).pairingCode);
      await this.sockets[0]!.waitFor('whatsapp:connected', index + 1);
    }
  }

  /** Calls one node after the other with one of its keys after the other, and keeps the answer. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    token?: string,
  ): Promise<RawAnswer> {
    const { urls } = this.access;
    const turn = this.calls++;
    const key = token ?? this.keys[turn % this.keys.length]!;
    const answer = await fetched(urls[(turn >> 1) % urls.length]! + path, method, body, {
      authorization: `Bearer ${key}`,
      ...headers,
    });
    this.shown.push({
      where: `${method} ${path}`,
      text: `${JSON.stringify(answer.headers)} ${answer.text}`,
    });
    return answer;
  }

  /** @returns all items of a list, which is read page by page; `field` is where a page has them */
  async list<Item = Record<string, unknown>>(
    name: string,
    query = '',
    field = name.split('/').at(-1)!,
  ): Promise<Item[]> {
    const items: Item[] = [];
    let cursor = '';
    do {
      const path = `/api/${name}?organization_id=${this.organizationId}&limit=20${query}${cursor}`;
      const { text } = await this.ask('GET', path);
      const page = JSON.parse(text) as Record<string, unknown> & { next_cursor: string | null };
      items.push(...(page[field] as Item[]));
      cursor = page.next_cursor === null ? '' : `&cursor=${encodeURIComponent(page.next_cursor)}`;
    } while (cursor);
    return items;
  }

  /** Makes a key of its own. */
  async makeKey(name: string): Promise<{ id: string; key: string }> {
    const scopes = ['read', 'send', 'manage'];
    const made = await this.administer('POST', `${this.path}/api-keys`, { name: this.says(name), scopes });
    const { api_key: about, key } = JSON.parse(made.text) as { api_key: { id: string }; key: string };
    return { id: about.id, key };
  }

  /** Connects to a node, and joins. */
  async listen(node: number, token: string): Promise<SocketClient> {
    const { urls } = this.access;
    const client = await SocketClient.connect(urls[node % urls.length]!, { auth: { token } });
    this.sockets.push(client);
    await this.emit(client, 'join-organization', this.organizationId);
    return client;
  }

  /** Sends an event, and keeps the acknowledgement. */
  async emit(client: SocketClient, event: string, payload: unknown): Promise<Record<string, unknown>> {
    const answer = await client.call(event, payload);
    this.shown.push({ where: `${event} acknowledged`, text: JSON.stringify(answer) });
    return answer;
  }

  /** @returns everything that it got to see, the events of its sockets included */
  everythingShown(): Shown[] {
    const events = this.sockets.flatMap((socket) => socket.events);
    return [
      ...this.shown,
      ...events.map(({ name, payload }) => ({ where: `event ${name}`, text: JSON.stringify(payload) })),
    ];
  }

  close(): void {
    this.sockets.forEach((socket) => socket.close());
  }

  private async administer(method: string, path: string, body: unknown): Promise<RawAnswer> {
    const answer = await fetched(this.access.urls[0]! + path, method, body, {
      authorization: `Bearer ${this.access.adminKey}`,
    });
    if (answer.status !== 200) {
      throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
    }
    return answer;
  }
}

async function fetched(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<RawAnswer> {
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: await response.text(),
  };
}
