import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SAMPLE_JPEG } from '../../src/simulator/media-host/samples.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { BuiltService } from '../support/built-service.js';
import { listen } from '../support/event-collector.js';
import { NodeCluster, ORGANIZATION } from '../support/node-cluster.js';
import { S3Server } from '../support/s3-server.js';

const SOON = { timeout: 60_000, interval: 50 };

interface Media {
  state: string;
  error: string | null;
}

describe('a file that WhatsApp has no longer, asked for by several nodes', () => {
  let cluster: NodeCluster;
  let store: S3Server;
  let a: BuiltService;
  let b: BuiltService;
  let owner: Phone;
  let ana: Phone;
  let asked: string[];

  beforeAll(async () => {
    [cluster, store] = await Promise.all([NodeCluster.start(), S3Server.start()]);
    [a, b] = [await add('a'), await add('b')];
    owner = cluster.simulator.addPhone({ number: '5511999887766', name: 'Clinic' });
    ana = cluster.simulator.addPhone({ number: '5521988776655', name: 'Ana' });
    cluster.simulator.on('media.asked-again', ({ id }) => asked.push(id));
    await cluster.link(a, owner);
  });
  afterAll(async () => {
    await cluster?.stop();
    await store?.stop();
  });
  beforeEach(() => {
    asked = [];
  });

  /** With files where each node reaches them. */
  const add = (name: string) => cluster.add(name, store.environment);
  const disturb = () => cluster.simulator.faults.disturbDownloads({ kind: 'status', status: 410 }, 1);

  /** A picture that is gone when it is fetched. */
  async function expired(): Promise<{ id: string; name: string }> {
    disturb();
    const { id: name } = await ana.writes(owner, { image: {} });
    return { id: (await a.api.messageNamed(ORGANIZATION, name)).id, name };
  }

  const media = (node: BuiltService, id: string) => async () =>
    (await node.api.call<{ message: { media: Media } }>('GET', `/api/messages/${id}`)).body.message.media;

  async function expectGiven(node: BuiltService, id: string): Promise<void> {
    await expect.poll(media(node, id), SOON).toMatchObject({ state: 'ready', error: null });
    const response = await fetch(`${node.url}/api/messages/${id}/media`);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(SAMPLE_JPEG);
  }

  it('is asked for by the node that does not run the session, through the one that does', async () => {
    owner.fileRequests = 'refuse';
    const { id, name } = await expired();
    await expect.poll(media(b, id), SOON).toMatchObject({ state: 'failed', error: 'media_not_on_phone' });
    owner.fileRequests = 'give';
    disturb();
    const events = await listen(b.url, ORGANIZATION);

    expect((await b.api.call('POST', `/api/messages/${id}/media/retry`)).status).toBe(202);

    await events.next('whatsapp:media', (event) => event.id === id && event.state === 'ready');
    events.close();
    expect(asked).toEqual([name, name]);
    expect(Object.values(await cluster.owners())).toEqual(['a']);
    // Whoever was told that it is gone is the one who asks.
    expect(await cluster.log('b')).toMatch(new RegExp(`${id}.*"file not fetched"`));
    expect(await cluster.sql('select * from node_requests')).toEqual([]);
  });

  it('comes when the phone answers a node that runs the session since', async () => {
    owner.fileRequests = 'hold';
    const { id, name } = await expired();
    await expect.poll(() => asked, SOON).toEqual([name]);
    await cluster.end('a', 'SIGTERM');
    await expect.poll(async () => Object.values(await cluster.owners()), SOON).toEqual(['b']);
    await expect.poll(media(b, id), SOON).toMatchObject({ state: 'pending', error: 'media_expired' });

    owner.fileRequests = 'give';

    await expectGiven(b, id);
    expect(asked).toEqual([name]);
    a = await add('a');
  });

  it('comes when the phone answers while nobody is on line', async () => {
    owner.fileRequests = 'hold';
    const { id, name } = await expired();
    await expect.poll(() => asked, SOON).toEqual([name]);
    await Promise.all([cluster.end('a', 'SIGKILL'), cluster.end('b', 'SIGKILL')]);

    owner.fileRequests = 'give';

    a = await add('a');
    await expectGiven(a, id);
    expect(asked).toEqual([name]);
  });
});
