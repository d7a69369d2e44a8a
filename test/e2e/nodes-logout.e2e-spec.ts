import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { BuiltService } from '../support/built-service.js';
import { listen } from '../support/event-collector.js';
import { NodeCluster, ORGANIZATION } from '../support/node-cluster.js';

const SOON = { timeout: 60_000, interval: 50 };

let cluster: NodeCluster;
let a: BuiltService;
let owner: Phone;
let id: string;

beforeEach(async () => {
  cluster = await NodeCluster.start();
  a = await cluster.add('a');
  owner = cluster.simulator.addPhone({ number: '5511999887766', name: 'Clinic' });
  id = await cluster.link(a, owner);
});

afterEach(() => cluster.stop());

const path = (route = '') => `/api/whatsapp/instances/${id}${route}`;

/** The number can't log in until the faults are cleared. */
function lineDown(): void {
  cluster.simulator.faults.failLogins(owner, 503, 1_000_000);
  cluster.simulator.faults.dropConnection(owner);
}

async function logoutOf(node: BuiltService): Promise<unknown> {
  return (await node.api.call<{ logout: unknown }>('GET', path('/logout'))).body.logout;
}

const linked = () => owner.devices.length;

describe('an instance that is deleted while its line is down', () => {
  it('is logged out by another node where the one that answered is killed', async () => {
    const b = await cluster.add('b');
    lineDown();

    const deleted = await b.api.call('DELETE', path());
    await cluster.end('a', 'SIGKILL');

    expect(deleted).toMatchObject({
      status: 202,
      body: { success: true, status_url: path('/logout'), logout: { state: 'pending', result: null } },
    });
    expect((await b.api.call('GET', path())).status).toBe(404);
    expect((await b.api.call('DELETE', path())).status).toBe(404);
    expect(await b.api.call('POST', path('/connect'), {})).toMatchObject({
      status: 409,
      body: { code: 'logout_pending' },
    });
    expect(linked()).toBe(1);
    const events = await listen(b.url, ORGANIZATION);
    const ended = events.next('whatsapp:disconnected', ({ reason }) => reason === 'logged_out');
    cluster.simulator.faults.clear();

    await ended;
    events.close();
    expect(linked()).toBe(0);
    expect(await logoutOf(b)).toMatchObject({ state: 'done', result: 'confirmed', expires_at: null });
    expect((await b.api.call('POST', path('/connect'), { method: 'qr' })).status).toBe(200);
  });

  it('is logged out after a restart of the only node, which was killed right after its answer', async () => {
    lineDown();
    const deleted = await a.api.call('DELETE', path());
    await cluster.end('a', 'SIGKILL');
    cluster.simulator.faults.clear();
    const again = await cluster.add('a');

    await expect.poll(linked, SOON).toBe(0);

    expect(deleted.status).toBe(202);
    await expect.poll(() => logoutOf(again), SOON).toMatchObject({ state: 'done' });
  });

  it('answers 200 only when the device is off, where the line is being dialled again', async () => {
    cluster.simulator.faults.dropConnection(owner);

    const deleted = await a.api.call('DELETE', path());

    expect([deleted.status, linked()]).toEqual(deleted.status === 200 ? [200, 0] : [202, 1]);
    await expect.poll(linked, SOON).toBe(0);
  });

  it('keeps its organization from being reported as closed, which names it', async () => {
    lineDown();
    const close = () => a.api.call('DELETE', `/api/organizations/${ORGANIZATION}`);

    const closed = await close();
    const again = await close();
    cluster.simulator.faults.clear();

    for (const answer of [closed, again]) {
      expect(answer).toMatchObject({
        status: 202,
        body: { success: true, logouts: [{ instance_id: id, state: 'pending' }] },
      });
    }
    await expect.poll(linked, SOON).toBe(0);
    await expect.poll(async () => (await close()).status, SOON).toBe(200);
  });
});
