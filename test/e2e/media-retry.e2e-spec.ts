import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MediaSettings } from '../../src/media/media-settings.js';
import { SAMPLE_JPEG } from '../../src/simulator/media-host/samples.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { node } from '../../src/simulator/protocol/node.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { type TestService, startTestService } from '../support/test-service.js';

const ORGANIZATION = 'org_123';

interface Media {
  state: string;
  error: string | null;
}

describe('a file that WhatsApp has no longer', () => {
  let simulator: WhatsAppSimulator;
  let service: TestService;
  let settings: MediaSettings;
  let owner: Phone;
  let ana: Phone;
  let events: EventCollector;
  let asked: string[];

  beforeAll(async () => {
    simulator = await WhatsAppSimulator.start({});
    service = await startTestService(simulator);
    settings = service.service.app.get(MediaSettings, { strict: false });
    owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
    ana = simulator.addPhone({ number: '5511988887777', name: 'Ana' });
    simulator.on('media.asked-again', ({ id }) => asked.push(id));
    events = await listen(service.url, ORGANIZATION);
    const instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
    await owner.types(await service.api.pairingCode(instanceId));
    await events.next('whatsapp:connected');
  });
  afterAll(async () => {
    events.close();
    await service.stop();
    await simulator.stop();
  });

  beforeEach(() => {
    asked = [];
    owner.fileRequests = 'give';
    Object.assign(settings, new MediaSettings());
    simulator.faults.clear();
  });

  /** A picture that is gone when it is fetched. */
  async function expired(times = 1): Promise<{ id: string; messageId: string }> {
    simulator.faults.disturbDownloads({ kind: 'status', status: 410 }, times);
    const { id: messageId } = await ana.writes(owner, { image: {} });
    const { id } = await service.api.messageNamed(ORGANIZATION, messageId);
    return { id, messageId };
  }

  const media = async (id: string): Promise<Media> =>
    (await service.api.call<{ message: { media: Media } }>('GET', `/api/messages/${id}`)).body.message.media;
  const told = (id: string, state: string) =>
    events.next('whatsapp:media', (event) => event.id === id && event.state === state);

  it('is asked for from the phone of the account, and fetched from where that puts it', async () => {
    const { id, messageId } = await expired();

    expect(await told(id, 'ready')).toMatchObject({ messageId });
    const response = await fetch(`${service.url}/api/messages/${id}/media`);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(SAMPLE_JPEG);
    expect(asked).toEqual([messageId]);
  });

  it('failed where the phone has it no more, and can be asked for by hand', async () => {
    owner.fileRequests = 'refuse';
    const { id } = await expired();

    expect(await told(id, 'failed')).toMatchObject({ error: 'media_not_on_phone' });
    expect(await media(id)).toMatchObject({ state: 'failed', error: 'media_not_on_phone' });

    owner.fileRequests = 'give';
    const retried = await service.api.call('POST', `/api/messages/${id}/media/retry`);
    expect(retried.status).toBe(202);
    await told(id, 'ready');
  });

  it('is asked for again while the phone says nothing, and given up in the end', async () => {
    owner.fileRequests = 'ignore';
    Object.assign(settings, { maxAsks: 2, baseAskMs: 1, maxAskMs: 1 });
    const { id, messageId } = await expired();

    expect(await told(id, 'failed')).toMatchObject({ error: 'media_phone_silent' });
    expect(asked).toEqual([messageId, messageId]);
  });

  it('waits, visibly, until the phone says something', async () => {
    owner.fileRequests = 'ignore';
    const { id, messageId } = await expired();
    await expect.poll(() => asked).toEqual([messageId]);
    await expect.poll(() => media(id)).toMatchObject({ state: 'pending', error: 'media_expired' });
    const refusal = (from: string) =>
      node('notification', { type: 'mediaretry', id: messageId, from, t: '1' }, [
        node('error', { code: '2' }),
        node('rmr', { jid: `${ana.lid}@lid`, from_me: 'false' }),
      ]);

    // Nobody but the phone of the account counts.
    ana.sendsStanza(owner, refusal(`${ana.number}@s.whatsapp.net`));
    ana.sendsStanza(owner, refusal(`${owner.number}@s.whatsapp.net`));

    await told(id, 'failed');
    expect(events.all('whatsapp:media').filter((event) => event.id === id)).toHaveLength(1);
  });

  it('is no longer asked for when new places lead nowhere either', async () => {
    settings.maxPhoneRounds = 2;
    const { id, messageId } = await expired(5);

    expect(await told(id, 'expired')).toMatchObject({ error: 'media_expired' });
    expect(asked).toEqual([messageId, messageId]);
  });
});
