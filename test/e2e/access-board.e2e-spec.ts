import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestRedis } from '../support/redis.js';
import { type Callers, makeCallers } from './access-callers.js';
import { AccessFixture, userToken } from './access-fixture.js';

const BOARD = '/admin/queues';

let redis: TestRedis;
let fixture: AccessFixture;
let callers: Callers['callers'];
let foreigners: Callers['foreigners'];
let nobodies: Callers['nobodies'];

beforeAll(async () => {
  redis = await TestRedis.start();
  fixture = await AccessFixture.start({ REDIS_URL: redis.url, RUN_WORKER: 'true' });
  ({ callers, foreigners, nobodies } = await makeCallers(fixture));
});
afterAll(async () => {
  await fixture?.stop();
  await redis?.stop();
});

describe('the page of the queue', () => {
  const open = (token: string | undefined, scheme: 'Bearer' | 'Basic') =>
    fetch(fixture.http.url + BOARD, {
      headers:
        token === undefined
          ? {}
          : {
              authorization:
                scheme === 'Bearer'
                  ? `Bearer ${token}`
                  : `Basic ${Buffer.from(`any:${token}`).toString('base64')}`,
            },
    });

  it.each(['Bearer', 'Basic'] as const)('is for administrators alone, by %s', async (scheme) => {
    for (const who of ['administrator', 'adminKey'] as const) {
      expect([who, (await open(callers[who], scheme)).status]).toEqual([who, 200]);
    }
    const others = { ...callers, ...foreigners, ...nobodies, administrator: undefined, adminKey: undefined };
    for (const [who, token] of Object.entries(others)) {
      expect([who, (await open(token, scheme)).status]).toEqual([who, 401]);
    }
  });

  it('tells a user without organization nothing', async () => {
    expect((await open(userToken(randomUUID()), 'Basic')).status).toBe(401);
  });
});
