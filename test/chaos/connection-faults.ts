import { setTimeout as delay } from 'node:timers/promises';
import type { LinkedDevice } from '../../src/simulator/server/linked-device.js';
import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { Fault } from './fault.js';
import type { Load } from './load.js';
import type { Random } from './random.js';
import type { Replies } from './replies.js';
import type { LinkedNumber, Population } from './population.js';
import type { PhoneMessages } from './phone-messages.js';

/** What a stanza that comes in, and a send, go through takes about so long. */
const STANZA_MS = 40;
const SEND_MS = 120;

/** What can happen between WhatsApp and a number's session. */
export function connectionFaults(
  parts: {
    simulator: WhatsAppSimulator;
    population: Population;
    phoneMessages: PhoneMessages;
    load: Load;
    replies: Replies;
  },
  random: Random,
): Fault[] {
  const { simulator, population, phoneMessages, load, replies } = parts;
  const { faults } = simulator;
  const onConnection = (
    kind: string,
    weight: number,
    act: (device: LinkedDevice, linkedNumber: LinkedNumber) => unknown,
  ): Fault => ({
    kind,
    weight,
    place: 'connection',
    run: async () => {
      const linkedNumber = random.pick(population.linkedNumbers);
      const device = population.deviceOf(linkedNumber);
      if (device) {
        await act(device, linkedNumber);
      }
    },
  });
  const nextStanza = (event: 'message.acknowledged' | 'receipt'): Promise<unknown> =>
    simulator.next(event, undefined, 1_000).catch(() => undefined);

  return [
    onConnection('line dropped', 5, (device) => faults.dropConnection(device)),
    onConnection('line dropped on an answer', 4, async (device) => {
      await nextStanza(random.chance(0.5) ? 'message.acknowledged' : 'receipt');
      faults.dropConnection(device);
    }),
    onConnection('line dropped on a message', 3, async (device, linkedNumber) => {
      await load.writeTo(linkedNumber, population.someClient());
      await delay(random.between(0, STANZA_MS));
      faults.dropConnection(device);
    }),
    onConnection('line dropped on a new contact', 4, async (device, linkedNumber) => {
      await load.writeTo(linkedNumber, population.addClient());
      await delay(random.between(0, STANZA_MS));
      faults.dropConnection(device);
    }),
    onConnection('line dropped on a send', 3, async (device, linkedNumber) => {
      replies.sendOne(linkedNumber);
      await delay(random.between(0, SEND_MS));
      faults.dropConnection(device);
    }),
    onConnection('line dropped while connecting', 3, async (device) => {
      faults.dropConnection(device);
      const back = simulator.next('device.connected', ({ jid }) => jid === device.address('pn'), 5_000);
      await back.catch(() => undefined);
      await delay(random.between(0, 60));
      faults.dropConnection(device);
    }),
    onConnection('line frozen', 3, async (device) => {
      faults.freeze(device);
      await delay(random.between(50, 2_500));
      faults.thaw(device);
    }),
    onConnection('line delayed', 2, async (device) => {
      faults.delay(device, random.integer(5, 400));
      await delay(random.between(200, 1_500));
      faults.delay(device, 0);
    }),
    onConnection('bytes one by one', 1, (device) => faults.fragment(device, 'bytes')),
    onConnection('frames joined', 1, (device) => faults.fragment(device, 'coalesced')),
    onConnection('garbage', 2, (device) => faults.garbage(device)),
    onConnection('half a frame', 2, (device) => faults.halfFrame(device)),
    onConnection('stream error', 2, (device) => faults.streamError(device, random.pick([500, 503, 515]))),
    onConnection('deliveries repeated', 4, (device) => faults.duplicate(device, random.integer(1, 5))),
    onConnection('deliveries reordered', 2, (device, linkedNumber) => {
      phoneMessages.expectDisorder(linkedNumber);
      faults.reorder(device);
    }),
    onConnection('send refused', 1, (_, linkedNumber) =>
      faults.refuseMessages(linkedNumber.owner, random.pick([463, 479, 500])),
    ),
    {
      kind: 'query not answered',
      weight: 1,
      place: 'whatsapp',
      run: () => Promise.resolve(faults.swallowQueries(random.pick(['usync', 'encrypt', 'w:p']))),
    },
    {
      kind: 'WhatsApp away',
      weight: 1,
      place: 'whatsapp',
      run: async () => {
        const end = faults.outage(random.chance(0.8) ? 'reset' : 'http-503');
        await delay(random.between(100, 1_200));
        end();
      },
    },
  ];
}
