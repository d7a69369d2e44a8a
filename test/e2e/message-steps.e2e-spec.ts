import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STEP_NAMES, type StepName, StepRecorder } from '../../bench/step-recorder.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { startTestService, type TestService } from '../support/test-service.js';

const ORGANIZATION = 'org_steps';

describe('the way of a received message', () => {
  let simulator: WhatsAppSimulator;
  let service: TestService;
  let events: EventCollector;
  let owner: Phone;
  let instanceId: string;
  let number = 1;

  beforeAll(async () => {
    simulator = await WhatsAppSimulator.start({});
    service = await startTestService(simulator);
    events = await listen(service.url, ORGANIZATION);
    owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
    instanceId = await service.api.createInstance(ORGANIZATION, owner.number);
    await owner.types(await service.api.pairingCode(instanceId));
    await events.next('whatsapp:connected');
  });
  afterAll(async () => {
    events?.close();
    await service?.stop();
    await simulator?.stop();
  });

  it.each(['at once', 'after an answer, which makes it one of the usual kind'])(
    'passes every step that can be measured: %s',
    async (when) => {
      const client = simulator.addPhone({ number: `551198888000${number++}`, name: 'Ana' });
      if (when !== 'at once') {
        await (await client.writes(owner, 'hello')).acknowledged();
        await service.api.call('POST', `/api/whatsapp/instances/${instanceId}/send`, {
          to: client.number,
          message: 'answer',
        });
        await client.receives(({ text }) => text === 'answer');
      }

      const recorder = new StepRecorder();
      const last = `last ${when}`;
      const sent = await Promise.all(['first', last].map((text) => client.writes(owner, text)));
      await Promise.all(sent.map((message) => message.acknowledged()));
      await events.next('whatsapp:message', ({ text }) => text === last);
      const { messages } = recorder.stop();

      for (const { id } of sent) {
        const times = messages.get(id) ?? [];
        const at = (name: StepName) => times[STEP_NAMES.indexOf(name)]!;
        expect(STEP_NAMES.filter((name) => !(at(name) > 0))).toEqual([]);
        expect(at('read')).toBe(Math.min(...times));
        expect(at('emitted')).toBeGreaterThanOrEqual(at('committed'));
        const stored = [at('decrypted'), at('closed'), at('committed'), at('released')];
        expect(stored).toEqual(stored.toSorted((a, b) => a - b));
      }
    },
  );
});
