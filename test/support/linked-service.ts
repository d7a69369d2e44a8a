import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type EventCollector, listen } from './event-collector.js';
import { type TestService, startTestService } from './test-service.js';

/** The service with one number that is linked, and a client who may write to it, on a network of their own. */
export interface LinkedService extends TestService {
  simulator: WhatsAppSimulator;
  /** What the organization is told. */
  events: EventCollector;
  instanceId: string;
  owner: Phone;
  ana: Phone;
}

/** @param organizationId whose number it is */
export async function startLinkedService(organizationId: string): Promise<LinkedService> {
  const simulator = await WhatsAppSimulator.start({});
  const service = await startTestService(simulator);
  const owner = simulator.addPhone({ number: '5511999887766', name: 'Owner' });
  const ana = simulator.addPhone({ number: '5521988776655', name: 'Ana' });
  const instanceId = await service.api.createInstance(organizationId, owner.number);
  const events = await listen(service.url, organizationId);
  await owner.types(await service.api.pairingCode(instanceId));
  await events.next('whatsapp:connected');
  return {
    ...service,
    simulator,
    events,
    instanceId,
    owner,
    ana,
    stop: async () => {
      events.close();
      await service.stop();
      await simulator.stop();
    },
  };
}
