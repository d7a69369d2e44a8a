import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { OpenDatabase } from '../../src/supabase/open-database.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { TickSettings } from '../../src/ticker/tick-settings.js';
import type { HostedProject } from '../support/hosted/hosted-project.js';
import { Tenant } from '../support/tenant.js';
import { startTestService, type TestService } from '../support/test-service.js';

const ADMIN_KEY = 'an-admin-key-that-is-long-enough-0123456789';
const JWT_SECRET = 'a-shared-secret-of-an-older-project-0123456789';
/** So much faster than in production do ticks come here. */
const SPEED = 10;
const MINUTE_MS = 60_000 / SPEED;
/** Less than that in a minute; what comes once a minute by a clock of its own (the sweep of sends in doubt) is one more. */
const ALLOWED = 14;

describe('an idle process on a hosted database', () => {
  let simulator: WhatsAppSimulator;
  let project: HostedProject;
  let service: TestService;
  let tenant: Tenant;
  let periodMs: number;

  beforeAll(async () => {
    simulator = await WhatsAppSimulator.start({});
    service = await startTestService(
      simulator,
      {
        SUPABASE_JWT_SECRET: JWT_SECRET,
        AUTH_MODE: 'required',
        ADMIN_API_KEY: ADMIN_KEY,
        SESSION_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      },
      'hosted',
    );
    project = service.project!;
    const settings = service.service.app.get(TickSettings);
    periodMs = settings.periodMs;
    Object.assign(settings, {
      periodMs: periodMs / SPEED,
      fastMs: settings.fastMs / SPEED,
      hurryMs: settings.hurryMs / SPEED,
    });
  });
  afterAll(async () => {
    tenant?.close();
    await service?.stop();
    await simulator?.stop();
  });

  /** What it asks in a minute of its schedule, after what it was about to ask. */
  async function inAMinute(): Promise<string[]> {
    await delay(MINUTE_MS / 5);
    project.counters.reset();
    await delay(MINUTE_MS);
    return project.counters.calls.map(({ name }) => name);
  }

  it('asks less than 15 times a minute', async () => {
    const asked = await inAMinute();
    expect(periodMs).toBe(5_000);
    expect([...new Set(asked)]).toEqual(['POST rpc/node_tick']);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.length).toBeLessThan(ALLOWED);
  });

  it('asks no more with sockets of a key and of a user, and with a probe', async () => {
    const issuer = `${project.url}/auth/v1`;
    const access = { urls: [service.url], adminKey: ADMIN_KEY, jwtSecret: JWT_SECRET, issuer };
    tenant = await Tenant.found(access, []);
    const measured = inAMinute();
    const probe = await fetch(`${service.url}/health/ready`);
    expect([probe.status, await probe.json()]).toMatchObject([
      200,
      { checks: { database: { status: 'up' } } },
    ]);

    const asked = await measured;
    expect([...new Set(asked)]).toEqual(['POST rpc/node_tick']);
    expect(asked.length).toBeLessThan(ALLOWED);
  });

  it('ends sockets of a key and of a user with the next tick when no signal tells of their end', async () => {
    const [ofKey, ofUser] = tenant.sockets.map(({ socket }) => socket);
    const database = service.service.app.get<OpenDatabase>(OPEN_DATABASE);
    const ended = Promise.all(
      [ofKey!, ofUser!].map((socket) => new Promise((resolve) => socket.once('disconnect', resolve))),
    );
    // By hand, in the database itself.
    await database.sql('update api_keys set revoked_at = now() where organization_id = $1::text', [
      tenant.organizationId,
    ]);
    await database.sql(
      'update organization_members set user_id = gen_random_uuid() where user_id = $1::text::uuid',
      [tenant.userId],
    );
    expect(await ended).toEqual(['io server disconnect', 'io server disconnect']);
  });
});
