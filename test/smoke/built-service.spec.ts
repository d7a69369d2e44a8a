import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import {
  BuiltService,
  environmentOf,
  makeServiceHome,
  runToExit,
  type ServiceHome,
} from '../support/built-service.js';
import { makeMigratedHome } from '../support/migrated-copy.js';
import { listen } from '../support/event-collector.js';

const ORGANIZATION = 'org_123';

let simulator: WhatsAppSimulator;
let home: ServiceHome;
let owner: Phone;
let ana: Phone;
let running: BuiltService | undefined;

/** Points a service at the simulated network. */
function network() {
  return { WHATSAPP_WS_URL: simulator.url, WHATSAPP_ROOT_KEY: simulator.rootPublicKey };
}

async function start(environment: Record<string, string> = {}): Promise<BuiltService> {
  running = await BuiltService.start(home, { ...network(), ...environment });
  return running;
}

async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
  const result = await running!.stop(signal);
  running = undefined;
  return result;
}

async function contents(service: BuiltService): Promise<string[]> {
  const answer = await service.api.call<{ messages: { content: string }[] }>(
    'GET',
    `/api/messages?organization_id=${ORGANIZATION}&limit=100`,
  );
  return answer.body.messages.map((message) => message.content);
}

async function sql(text: string): Promise<string> {
  const { code, output } = await runToExit('supabase/sql-cli.js', { DATA_DIR: home.dataDir }, [
    '--json',
    text,
  ]);
  expect(code, output).toBe(0);
  return output;
}

beforeAll(async () => {
  simulator = await WhatsAppSimulator.start({});
  owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  ana = simulator.addPhone({ number: '5511988880001', name: 'Ana' });
  home = await makeServiceHome();
});

afterEach(async () => {
  if (running !== undefined) {
    await stop('SIGKILL');
  }
});

afterAll(async () => {
  await simulator.stop();
  await home.remove();
});

describe('the built service', () => {
  let instanceId: string;

  it('links a number and ends cleanly on SIGTERM, still linked', async () => {
    const service = await start();
    instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
    const events = await listen(service.url, ORGANIZATION);
    await owner.types(await service.api.pairingCode(instanceId));
    await events.next('whatsapp:connected');
    await ana.writes(owner, 'before the restart');
    await events.next('whatsapp:message');
    events.close();

    expect(await stop('SIGTERM')).toBe(0);
    expect(owner.devices).toHaveLength(1);
  });

  it('comes back linked and delivers what was written meanwhile', async () => {
    await ana.writes(owner, 'while it was down');
    const service = await start();
    await expect.poll(() => contents(service)).toContain('while it was down');
    expect(owner.devices).toHaveLength(1);
    expect(await stop('SIGINT')).toBe(0);
  });

  it('loses nothing when it is killed', async () => {
    const service = await start();
    const sent = await ana.writes(owner, 'just before the kill');
    await sent.acknowledged();
    await stop('SIGKILL');
    await ana.writes(owner, 'just after the kill');

    const again = await start();
    await expect.poll(() => contents(again)).toContain('just after the kill');
    expect((await contents(again)).toSorted()).toEqual(
      ['before the restart', 'just after the kill', 'just before the kill', 'while it was down'].toSorted(),
    );
    expect(service.url).not.toBe('');
  });

  it('answers the SQL of the documentation, also while it runs', async () => {
    await start();
    const session = await sql(
      `SELECT id, status, session_data IS NOT NULL as has_session FROM whatsapp_instances WHERE id = '${instanceId}'`,
    );
    expect(session.replaceAll(' ', '')).toContain('"has_session":true');
    const metrics = await sql(`SELECT id, instance_name, status, messages_sent_count, messages_received_count,
      last_connected_at, DATE_PART('day', NOW() - last_connected_at) as days_since_connection
      FROM whatsapp_instances WHERE organization_id = '${ORGANIZATION}'`);
    expect(metrics.replaceAll(' ', '')).toContain('"messages_received_count":4');
    expect(await sql(`SELECT phone_number, organization_id FROM whatsapp_instances`)).toContain(owner.number);
  });

  it('writes the log lines that the documentation greps for, and no message text', async () => {
    const lines = (await readFile(home.logFile, 'utf8')).trim().split('\n');
    const withWords = (...words: string[]) =>
      lines.filter((line) => words.every((word) => line.includes(word)));
    expect(withWords('messageWorker', 'Message worker started').length).toBeGreaterThan(0);
    expect(withWords('baileys', 'Saving credentials').length).toBeGreaterThan(0);
    expect(withWords('"level":"INFO"').length).toBeGreaterThan(0);
    for (const secret of [
      'before the restart',
      'just before the kill',
      owner.number,
      ana.number,
      owner.lid,
    ]) {
      expect(withWords(secret)).toEqual([]);
    }
  });

  it('keeps no readable credential or key in its tables', async () => {
    const sealed = await sql(`SELECT encode(session_data, 'escape') AS creds FROM whatsapp_instances`);
    const keys = await sql(`SELECT key_type, encode(value, 'escape') AS value FROM whatsapp_session_keys`);
    const inbox = await sql(`SELECT attrs, encode(body, 'escape') AS body FROM inbox`);
    for (const word of [
      'noiseKey',
      'signedIdentityKey',
      'advSecretKey',
      'private',
      '_sessions',
      'while it was down',
    ]) {
      expect(sealed.includes(word) || keys.includes(word) || inbox.includes(word), word).toBe(false);
    }
  });

  it('refuses to start with a key that its sessions were not sealed with, and says so once', async () => {
    const ownKeys = `select count(*)::int as n from whatsapp_session_keys
      where key_type in ('device-list', 'lid-mapping') and key_id = '${owner.number}'`;
    expect(await sql(ownKeys)).not.toContain('"n":0');

    const { code, output } = await runToExit('main.js', {
      ...environmentOf(home),
      ...network(),
      SESSION_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    });

    expect(code).toBe(1);
    expect(output.match(/SESSION_ENCRYPTION_KEY does not open the sessions/g)).toHaveLength(1);
    expect(output).not.toMatch(/\n\s+at /);
    expect(owner.devices).toHaveLength(1);
  });

  it('starts, and goes on, although a single stored value is damaged', async () => {
    await sql(`update whatsapp_session_keys set value = decode('00', 'hex')
      where key_type = 'device-list' and key_id = '${owner.number}'`);

    const service = await start();
    await ana.writes(owner, 'after the damage');

    await expect.poll(() => contents(service)).toContain('after the damage');
  });

  it('refuses a data folder that another process uses, and says which', async () => {
    await start();
    const second = await runToExit('main.js', environmentOf(home));
    expect(second.code).toBe(1);
    expect(second.output).toMatch(/in use.*process \d+/);
  });
});

describe('a start that can not work', () => {
  it('lists every fault of the configuration in one message', async () => {
    const { code, output } = await runToExit('main.js', {
      NODE_ENV: 'production',
      PORT: 'x',
      BOOKING_POLICY: 'y',
    });
    expect(code).toBe(1);
    for (const name of ['PORT', 'BOOKING_POLICY', 'SESSION_ENCRYPTION_KEY']) {
      expect(output).toContain(`- ${name} `);
    }
  });

  it.each(['main.js', 'worker.js'])('refuses to run unsafely in production (%s)', async (entry) => {
    const folder = await mkdtemp(join(tmpdir(), 'auzap-unsafe-'));
    const keyFile = join(folder, 'key');
    await writeFile(keyFile, Buffer.alloc(32, 7).toString('base64'), { mode: 0o644 });
    const { code, output } = await runToExit(entry, {
      NODE_ENV: 'production',
      SESSION_ENCRYPTION_KEY_FILE: keyFile,
      ADMIN_API_KEY: 'change-me-to-something-better',
      AUTH_MODE: 'open',
      CORS_ORIGINS: '*',
      WHATSAPP_SIMULATOR: 'true',
      WHATSAPP_ROOT_KEY: 'ab'.repeat(32),
    });
    await rm(folder, { recursive: true });

    expect(code).toBe(1);
    expect(output.trim().split('\n')).toEqual([
      'The configuration can not be used:',
      expect.stringMatching(/^ {2}- WHATSAPP_SIMULATOR /),
      expect.stringMatching(/^ {2}- WHATSAPP_ROOT_KEY /),
      expect.stringMatching(/^ {2}- AUTH_MODE /),
      expect.stringMatching(/^ {2}- CORS_ORIGINS /),
      expect.stringMatching(/^ {2}- SESSION_ENCRYPTION_KEY is no random key/),
      expect.stringMatching(/^ {2}- ADMIN_API_KEY can be guessed/),
      `  - ${keyFile} can be read or changed by other users of this machine: chmod 600 ${keyFile}`,
    ]);
  });

  it('names the port that is taken', async () => {
    const port = new URL(simulator.controlUrl).port;
    const other = await makeMigratedHome();
    const { code, output } = await runToExit('main.js', {
      ...environmentOf(other),
      PORT: port,
    });
    await other.remove();
    expect(code).toBe(1);
    expect(output).toMatch(/port is taken.*Set PORT/);
  });

  it('says that the database can not be reached', async () => {
    const other = await makeServiceHome();
    const { code, output } = await runToExit('main.js', {
      ...environmentOf(other),
      DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:9/none',
      START_WAIT_SECONDS: '0',
    });
    await other.remove();
    expect(code).toBe(1);
    expect(output).toMatch(/database/i);
    expect(output).not.toContain('secret');
  });
});

describe('production without Redis', () => {
  const token = randomBytes(32).toString('hex');
  const production = {
    NODE_ENV: 'production',
    SESSION_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    ADMIN_API_KEY: token,
    HOST: '127.0.0.1',
  };

  it('starts, warns that workers are disabled, and is ready but degraded', async () => {
    const other = await makeMigratedHome();
    const service = await BuiltService.start(other, { ...production, WHATSAPP_WS_URL: simulator.url });
    const ready = await service.api.call('GET', '/health/ready');
    const refused = await service.api.call('GET', '/api/whatsapp/instances');
    const allowed = await service.api.call('GET', '/api/whatsapp/instances', undefined, {
      authorization: `Bearer ${token}`,
    });
    await service.stop();
    const log = await readFile(other.logFile, 'utf8');
    await other.remove();

    expect(ready).toMatchObject({ status: 200, body: { status: 'degraded' } });
    expect(refused).toMatchObject({ status: 401, body: { success: false, code: 'unauthorized' } });
    expect(allowed.status).toBe(200);
    expect(log).toContain('Workers disabled: Redis not configured');
    expect(log).not.toContain('Message worker started');
  });
});
