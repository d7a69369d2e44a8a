import { vi } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { ApiClient } from '../support/api-client.js';
import type { Canaries } from '../support/canaries.js';
import { SocketClient } from '../support/socket-client.js';
import { expectStatus, guess, misplace } from './secrets-calls.js';
import { secretsOfSessions } from './secrets-of-sessions.js';
import { CALLED, CONFIGURED, MISPLACED, NAMES, TEXTS } from './secrets-planted.js';
import { startWrongly } from './secrets-starts.js';
import type { SecretsFixture } from './secrets-fixture.js';
import { IS_HOSTED } from '../support/store-kind.js';

const ORGANIZATION = 'org_secrets';
const SOON = { timeout: 60_000, interval: 50 };

interface Issued {
  webhook: { id: string };
  secret: string;
}

/** All that happens to the service; collects what must be looked for on the way. */
export class SecretsJobs {
  private readonly apiKeys: string[] = [];
  private readonly webhookSecrets: Buffer[] = [];
  private readonly pairing: string[] = [];
  private guesses: string[] = [];
  private readonly userTokens: string[] = [];
  private readonly owner: Phone;
  private readonly ana: Phone;
  private readonly bia: Phone;
  private readonly second: Phone;
  private sessions: Canaries = {};
  private token = '';
  private ids: string[] = [];

  constructor(private readonly fixture: SecretsFixture) {
    const { simulator } = fixture;
    this.owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
    this.second = simulator.addPhone({ number: '5511999887755', name: 'Second' });
    this.ana = simulator.addPhone({ number: '5521988776655', name: NAMES.client });
    this.bia = simulator.addPhone({ number: '5521988776644', name: 'Bia' });
  }

  /** Everything, in order. */
  async run(): Promise<void> {
    await this.administrate();
    const listener = await SocketClient.join(this.fixture.nodes[1]!.url, ORGANIZATION, {
      auth: { token: this.token },
    });
    await this.link(listener);
    await this.talk(listener);
    await this.keepWebhookSecret();
    await this.failDatabase();
    await this.loseStores();
    this.sessions = await secretsOfSessions((sql) => this.fixture.sql(sql), CONFIGURED.encryptionKey);
    await misplace(this.fixture, {
      organizationId: ORGANIZATION,
      instanceId: this.ids[0]!,
      token: this.token,
      client: this.ana.number,
    });
    this.guesses = await guess(this.fixture, ORGANIZATION);
    await this.useRights();
    listener.close();
    await startWrongly(this.fixture);
  }

  get canaries(): Canaries {
    return {
      ...this.sessions,
      SESSION_ENCRYPTION_KEY: [CONFIGURED.encryptionKey, CONFIGURED.nextEncryptionKey],
      ADMIN_API_KEY: [CONFIGURED.adminKey],
      SUPABASE_JWT_SECRET: [CONFIGURED.jwtSecret],
      SUPABASE_SERVICE_ROLE_KEY: [CONFIGURED.serviceRoleKey],
      'password of the database': [CONFIGURED.databasePassword],
      'password of Redis': [CONFIGURED.redisPassword],
      'API keys': this.apiKeys,
      'guessed tokens': this.guesses,
      'tokens of users': this.userTokens,
      'webhook secret': this.webhookSecrets,
      'pairing codes and QR strings': this.pairing,
      'texts of messages': [
        TEXTS.received,
        TEXTS.caption,
        TEXTS.resent,
        TEXTS.duringOutage,
        TEXTS.withoutRedis,
        TEXTS.erased,
        TEXTS.storedGroup,
      ],
      'texts of answers': [TEXTS.answer, TEXTS.refusedAnswer],
      'texts of notes': [TEXTS.note],
      'texts that are not kept': [TEXTS.group, TEXTS.refusedByDatabase],
      'what was in refused calls': Object.values(MISPLACED),
      'names of people': [NAMES.client],
      'names of groups': [NAMES.group],
      'addresses of people': [this.ana, this.bia].flatMap(({ number, lid }) => [number, lid]),
      'addresses of the organization': [this.owner, this.second].flatMap(({ number, lid }) => [number, lid]),
      'idempotency keys': [CALLED.message],
      'request ids': [CALLED.request],
    };
  }

  private async administrate(): Promise<void> {
    const { fixture } = this;
    await fixture.command('create-organization', ORGANIZATION, '--name', 'Clinic');
    const printed = await fixture.command('create-key', '--name', 'first');
    const [operators = ''] = /auz_[0-9a-f]{8}_[\w-]{43}/.exec(printed) ?? [];
    this.apiKeys.push(operators);
    await fixture.command('add-member', ORGANIZATION, fixture.userId, '--role', 'owner');
    await fixture.command('revoke-key', operators);

    const keys = `/api/organizations/${ORGANIZATION}/api-keys`;
    const admin = fixture.caller(CONFIGURED.adminKey);
    const first = await made(
      admin.call('POST', keys, { name: 'booking', scopes: ['read', 'send', 'manage'] }),
    );
    const rotated = await made(admin.call('POST', `${keys}/${first.api_key.id}/rotate`, {}));
    this.apiKeys.push(first.key, rotated.key);
    this.token = rotated.key;
    await fixture.command('list-keys');
    this.userTokens.push(fixture.userToken);
    await fixture.caller(fixture.userToken).call('GET', `/api/contacts?organization_id=${ORGANIZATION}`);
  }

  /** One number by code and one by QR, each through the node that does not pair it, where that can be. */
  private async link(listener: SocketClient): Promise<void> {
    const [a, b] = [0, 1].map((node) => this.fixture.caller(this.token, node));
    this.ids = [
      await a!.createInstance(ORGANIZATION, this.owner.number),
      await a!.createInstance(ORGANIZATION, this.second.number),
    ];
    const code = await a!.pairingCode(this.ids[0]!);
    this.pairing.push(code);
    await this.owner.types(code);
    await b!.call('POST', `/api/whatsapp/instances/${this.ids[1]}/connect`, { method: 'qr' });
    await listener.waitFor('whatsapp:qr');
    const { body } = await vi.waitFor(async () => {
      const path = `/api/whatsapp/instances/${this.ids[1]}/qr?format=json`;
      const answer = await a!.call<{ qr: string }>('GET', path);
      expectStatus(answer.status, 200, path);
      return answer;
    }, SOON);
    this.pairing.push(body.qr);
    await this.second.scans(body.qr);
    await listener.waitFor('whatsapp:connected', 2, 30_000);
  }

  private async talk(listener: SocketClient): Promise<void> {
    const { owner, ana, bia, fixture } = this;
    const group = fixture.simulator.addGroup(NAMES.group, [owner, ana]);
    await ana.writes(owner, TEXTS.received);
    await ana.writes(owner, { image: { caption: TEXTS.caption } });
    await ana.writes(group.id, TEXTS.group);
    await bia.writes(owner, TEXTS.erased);
    await owner.writes(ana, TEXTS.note);
    fixture.simulator.faults.corrupt(owner);
    await ana.writes(owner, TEXTS.resent);
    fixture.simulator.faults.empty(owner);
    await bia.writes(owner, 'never readable');
    await this.heard(listener, TEXTS.resent, TEXTS.caption, TEXTS.erased);
    for (const node of [0, 1]) {
      // Whichever runs it.
      const path = `/api/whatsapp/instances/${this.ids[0]}`;
      await made(fixture.caller(this.token, node).call('PATCH', path, { groups: 'store' }));
    }
    await ana.writes(group.id, TEXTS.storedGroup);
    await listener.waitFor('whatsapp:group-message');
    await listener.waitFor('whatsapp:group');
    const send = { to: ana.number, message: TEXTS.answer };
    for (const node of [0, 1]) {
      await made(
        fixture.caller(this.token, node).call('POST', `/api/whatsapp/instances/${this.ids[0]}/send`, send, {
          'idempotency-key': `${CALLED.message}-${node}`,
          'x-request-id': CALLED.request,
        }),
      );
    }
    await ana.receives((message) => message.text === TEXTS.answer);
    fixture.simulator.faults.refuseMessages(owner, 463, 100);
    const refused = { to: ana.number, message: TEXTS.refusedAnswer };
    const { status } = await fixture
      .caller(this.token)
      .call('POST', `/api/whatsapp/instances/${this.ids[0]}/send`, refused);
    expectStatus(status, 422, 'a send that WhatsApp refuses');
    fixture.simulator.faults.clear();
  }

  /** One that is called, and one that takes its place. */
  private async keepWebhookSecret(): Promise<void> {
    const caller = this.fixture.caller(this.token);
    const input = { organization_id: ORGANIZATION, url: 'https://hooks.test/' };
    const made = await caller.call<Issued>('POST', '/api/webhooks', input);
    expectStatus(made.status, 200, 'a webhook');
    const { body } = await caller.call<Issued>('POST', `/api/webhooks/${made.body.webhook.id}/rotate-secret`);
    this.webhookSecrets.push(
      ...[made.body, body].map(({ secret }) => Buffer.from(secret.slice(6), 'base64')),
    );
  }

  /** The database refuses a message and quotes it, and misses a table that it should have. */
  private async failDatabase(): Promise<void> {
    const { fixture } = this;
    await fixture.sql(
      `alter table messages add constraint refused check (content <> '${TEXTS.refusedByDatabase}')`,
    );
    await this.ana.writes(this.owner, TEXTS.refusedByDatabase);
    await vi.waitFor(async () => {
      const rows = await fixture.sql('select id from inbox where state = 2');
      return rows.length > 0 || Promise.reject(new Error('nothing was set aside'));
    }, SOON);
    await fixture.sql('alter table bookings rename to hidden');
    const failed = await fixture
      .caller(this.token)
      .call('GET', `/api/bookings?organization_id=${ORGANIZATION}`);
    await fixture.sql('alter table hidden rename to bookings');
    // PostgREST that misses a table may have looked at the schema too early: it passes.
    expectStatus(failed.status, IS_HOSTED ? 503 : 500);
  }

  private async loseStores(): Promise<void> {
    const { fixture, ana, owner } = this;
    const stored = async (content: string) => {
      const rows = await fixture.sql('select id from messages where content = $1', [content]);
      return rows.length > 0 || Promise.reject(new Error(`not stored: ${content}`));
    };
    await fixture.withoutDatabase(async () => {
      await ana.writes(owner, TEXTS.duringOutage);
      const send = { to: ana.number, message: MISPLACED.text };
      const answers = await Promise.all([
        fixture.caller(this.token).call('GET', `/api/messages?organization_id=${ORGANIZATION}`),
        fixture.caller(this.token, 1).call('POST', `/api/whatsapp/instances/${this.ids[0]}/send`, send),
        fixture.caller(CONFIGURED.adminKey).call('POST', '/api/admin/api-keys', { name: 'lost' }),
      ]);
      answers.forEach(({ status }) => expectStatus(status, 503));
    });
    await vi.waitFor(() => stored(TEXTS.duringOutage), { timeout: 40_000, interval: 100 });
    await fixture.redis.kill();
    await ana.writes(owner, TEXTS.withoutRedis);
    await vi.waitFor(() => stored(TEXTS.withoutRedis), SOON);
    await fixture.redis.resume();
  }

  /** A copy for one person, the end of another. */
  private async useRights(): Promise<void> {
    const api = this.fixture.caller(this.fixture.userToken, 1);
    const of = `organization_id=${ORGANIZATION}`;
    const idOf = async (phone: Phone) => {
      const [row] = await this.fixture.sql<{ id: string }>(
        'select id from contacts where phone_number = $1',
        [phone.number],
      );
      return row!.id;
    };
    const copy = await api.call('POST', `/api/contacts/${await idOf(this.ana)}/export?${of}`);
    expectStatus(copy.status, 200);
    const gone = await api.call('DELETE', `/api/contacts/${await idOf(this.bia)}?${of}`);
    expectStatus(gone.status, 200);
    expectStatus((await api.call('DELETE', `/api/whatsapp/instances/${this.ids[1]}`)).status, 200);
  }

  private async heard(listener: SocketClient, ...texts: string[]): Promise<void> {
    await vi.waitFor(() => {
      const all = listener.payloads('whatsapp:message').map((payload) => payload['text']);
      const missing = texts.filter((one) => !all.includes(one));
      if (missing.length > 0) {
        throw new Error(`not heard: ${missing.join(', ')}`);
      }
    }, SOON);
  }
}

async function made(call: ReturnType<ApiClient['call']>): Promise<{ api_key: { id: string }; key: string }> {
  const { status, body } = await call;
  expectStatus(status, 200, JSON.stringify(body));
  return body as { api_key: { id: string }; key: string };
}
