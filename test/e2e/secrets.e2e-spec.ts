import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sightings } from '../support/canaries.js';
import { expectNoLeak, secretsOf } from '../support/log-leaks.js';
import { SecretsJobs } from './secrets-jobs.js';
import { judge, SEALED } from './secrets-places.js';
import { CONFIGURED } from './secrets-planted.js';
import { SecretsFixture } from './secrets-fixture.js';

let fixture: SecretsFixture;
let jobs: SecretsJobs;

const look = async () => judge(sightings(jobs.canaries, await fixture.places()));

beforeAll(async () => {
  fixture = await SecretsFixture.start();
  jobs = new SecretsJobs(fixture);
  await jobs.run();
  await fixture.end();
  await fixture.command('rotate-keys');
}, 300_000);
afterAll(() => fixture.stop());

describe('the database, Redis, logs and files after all that can happen', () => {
  it('have been written to wherever secrets are stored', async () => {
    const names = (await fixture.places()).map(({ name }) => name);

    expect(names).toEqual(expect.arrayContaining(SEALED));
  });

  it('have each secret and each text where it belongs, and nowhere else', async () => {
    expect(await look()).toEqual({ astray: {}, missed: {} });
  });

  it('are searched in every form and place: what is planted is found', async () => {
    const { 'Signal keys': keys, 'webhook secret': webhooks, 'texts of messages': texts } = jobs.canaries;
    const key = Buffer.from(keys![0]!);
    await fixture.sql('update bookings set source = $1', [texts![0]]);
    await fixture.sql('update organizations set name = $1', [JSON.stringify({ key })]);
    await fixture.sql(`update service_secrets set value = value || $1`, [CONFIGURED.encryptionKey]);
    await fixture.plantInRedis('planted', Buffer.from(webhooks![0]!).toString('hex'));
    await fixture.plantInFile('data/planted', `-${Buffer.from(CONFIGURED.adminKey).toString('base64')}`);
    await fixture.plantInFile(
      'logs/app.log',
      JSON.stringify({ component: 'planted', msg: 'line', [CONFIGURED.jwtSecret]: 1 }),
    );

    expect(await look()).toEqual({
      astray: {
        'texts of messages': ['public.bookings.source'],
        'Signal keys': ['public.organizations.name'],
        SESSION_ENCRYPTION_KEY: ['public.service_secrets.value'],
        'webhook secret': ['redis command set', 'redis key planted'],
        ADMIN_API_KEY: ['file data/planted of worker'],
        SUPABASE_JWT_SECRET: ['log of worker: planted "line"'],
      },
      missed: {},
    });
  });
});

describe('what looks over the output of every service that a test starts', () => {
  const secrets = secretsOf({
    ADMIN_API_KEY: 'the-key-of-an-administrator',
    WHATSAPP_ROOT_KEY: 'a-key-that-is-public',
    DATABASE_URL: 'postgres://somebody:their-password@127.0.0.1/db',
    LOG_LEVEL: 'debug',
  });

  it.each([
    'a call of 5521988776655',
    '{"to":"+5521988776655"}',
    'from 11912345678901:3@lid',
    'Bearer abcdefgh12345',
    'auz_0123abcd_secret',
    '{"privKey":"AAAA"}',
    'at postgres://somebody:their-password@127.0.0.1/db',
    'token the-key-of-an-administrator',
  ])('finds fault with: %s', (line) => {
    expect(() => expectNoLeak(`a harmless line\n${line}\n`, secrets)).toThrow(line);
  });

  it('finds none with ids, levels and public keys', () => {
    const harmless =
      '{"level":"debug","id":"6f1c1a52-5f0e-4b0e-9d0c-552198877665","root":"a-key-that-is-public"}';

    expect(() => expectNoLeak(harmless, secrets)).not.toThrow();
  });
});
