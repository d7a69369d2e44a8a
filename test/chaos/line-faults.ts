import { setTimeout as delay } from 'node:timers/promises';
import type { LinkedDevice } from '../../src/simulator/server/linked-device.js';
import type { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import type { Fault } from './fault.js';
import type { Load } from './load.js';
import type { Random } from './random.js';
import type { Replies } from './replies.js';
import type { Line, Town } from './town.js';
import type { Writings } from './writings.js';

/** What a stanza that comes in, and a send, go through takes about so long. */
const STANZA_MS = 40;
const SEND_MS = 120;

/** What can happen between WhatsApp and a number's session. */
export function lineFaults(
  parts: { simulator: WhatsAppSimulator; town: Town; writings: Writings; load: Load; replies: Replies },
  random: Random,
): Fault[] {
  const { simulator, town, writings, load, replies } = parts;
  const { faults } = simulator;
  const onLine = (
    kind: string,
    weight: number,
    act: (device: LinkedDevice, line: Line) => unknown,
  ): Fault => ({
    kind,
    weight,
    place: 'line',
    run: async () => {
      const line = random.pick(town.lines);
      const device = town.deviceOf(line);
      if (device) {
        await act(device, line);
      }
    },
  });
  const nextStanza = (event: 'message.acknowledged' | 'receipt'): Promise<unknown> =>
    simulator.next(event, undefined, 1_000).catch(() => undefined);

  return [
    onLine('line dropped', 5, (device) => faults.dropConnection(device)),
    onLine('line dropped on an answer', 4, async (device) => {
      await nextStanza(random.chance(0.5) ? 'message.acknowledged' : 'receipt');
      faults.dropConnection(device);
    }),
    onLine('line dropped on a message', 3, async (device, line) => {
      await load.writeTo(line, town.someClient());
      await delay(random.between(0, STANZA_MS));
      faults.dropConnection(device);
    }),
    onLine('line dropped on a new contact', 4, async (device, line) => {
      await load.writeTo(line, town.addClient());
      await delay(random.between(0, STANZA_MS));
      faults.dropConnection(device);
    }),
    onLine('line dropped on a send', 3, async (device, line) => {
      replies.sendOne(line);
      await delay(random.between(0, SEND_MS));
      faults.dropConnection(device);
    }),
    onLine('line dropped while connecting', 3, async (device) => {
      faults.dropConnection(device);
      const back = simulator.next('device.connected', ({ jid }) => jid === device.address('pn'), 5_000);
      await back.catch(() => undefined);
      await delay(random.between(0, 60));
      faults.dropConnection(device);
    }),
    onLine('line frozen', 3, async (device) => {
      faults.freeze(device);
      await delay(random.between(50, 2_500));
      faults.thaw(device);
    }),
    onLine('line delayed', 2, async (device) => {
      faults.delay(device, random.integer(5, 400));
      await delay(random.between(200, 1_500));
      faults.delay(device, 0);
    }),
    onLine('bytes one by one', 1, (device) => faults.fragment(device, 'bytes')),
    onLine('frames joined', 1, (device) => faults.fragment(device, 'coalesced')),
    onLine('garbage', 2, (device) => faults.garbage(device)),
    onLine('half a frame', 2, (device) => faults.halfFrame(device)),
    onLine('stream error', 2, (device) => faults.streamError(device, random.pick([500, 503, 515]))),
    onLine('deliveries repeated', 4, (device) => faults.duplicate(device, random.integer(1, 5))),
    onLine('deliveries reordered', 2, (device, line) => {
      writings.expectDisorder(line);
      faults.reorder(device);
    }),
    onLine('send refused', 1, (_, line) => faults.refuseMessages(line.owner, random.pick([463, 479, 500]))),
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
