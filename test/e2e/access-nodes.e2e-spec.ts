import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DomainEventBus } from '../../src/common/domain-events.js';
import { type SharedStore, startSharedStore } from '../support/store-under-test.js';
import { TestRedis } from '../support/redis.js';
import { SocketClient } from '../support/socket-client.js';
import { ADMIN_KEY, bearer } from './access-fixture.js';
import { type HttpApp, startHttpApp } from './http-app.js';

const ORGANIZATION = `org_${randomUUID()}`;
const KEYS = `/api/organizations/${ORGANIZATION}/api-keys`;

let store: SharedStore;
let redis: TestRedis;
let here: HttpApp;
let there: HttpApp;

beforeAll(async () => {
  [store, redis] = await Promise.all([startSharedStore(), TestRedis.start()]);
  const environment = {
    AUTH_MODE: 'required',
    ADMIN_API_KEY: ADMIN_KEY,
    ...store.environment,
    SESSION_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
  here = await startHttpApp({ ...environment, REDIS_URL: redis.url });
  there = await startHttpApp({ ...environment, REDIS_URL: redis.url });
  await here.api.call('POST', '/api/organizations', { id: ORGANIZATION }, bearer(ADMIN_KEY));
});
afterAll(async () => {
  await here?.stop();
  await there?.stop();
  await redis?.stop();
  await store?.stop();
});

async function listeningThere(scopes = ['read']) {
  const input = { name: 'x', scopes };
  const made = await here.api.call<{ api_key: { id: string }; key: string }>(
    'POST',
    KEYS,
    input,
    bearer(ADMIN_KEY),
  );
  const { key } = made.body;
  const client = await SocketClient.connect(there.url, { auth: { token: key } });
  expect(await client.call('join-organization', ORGANIZATION)).toMatchObject({ success: true });
  return { id: made.body.api_key.id, key, client };
}

describe('a QR string of an instance that another node runs', () => {
  it('comes to those alone who may link a phone', async () => {
    const { client: reader } = await listeningThere(['read', 'send']);
    const { client: manager } = await listeningThere(['read', 'manage']);

    here.app.get(DomainEventBus).emit('instance.qr_issued', {
      organizationId: ORGANIZATION,
      instanceId: randomUUID(),
      qr: 'scan me',
      at: new Date(),
    });

    expect(await manager.waitFor('whatsapp:qr')).toMatchObject([{ qr: 'scan me' }]);
    await reader.call('leave-organization', ORGANIZATION);
    expect(reader.events).toEqual([]);
    reader.close();
    manager.close();
  });
});

describe('a key that is revoked on another node', () => {
  it.each(['with', 'without'])('has no further call and no socket, %s Redis', async (redisIs) => {
    const { id, key, client } = await listeningThere();
    if (redisIs === 'without') {
      await redis.kill();
    }

    const revoked = await here.api.call('DELETE', `${KEYS}/${id}`, undefined, bearer(ADMIN_KEY));
    const next = await there.api.call('GET', '/api/organizations', undefined, bearer(key));

    expect([revoked.status, next.status]).toEqual([200, 401]);
    await client.waitFor('exception');
    await client.disconnected();
  });
});
