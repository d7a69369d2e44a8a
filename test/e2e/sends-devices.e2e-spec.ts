import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Instance } from '../../src/repositories/instance.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { SessionsHarness } from '../support/sessions-harness.js';

let harness: SessionsHarness;
let ana: Phone;
let instance: Instance;

beforeEach(async () => {
  harness = await SessionsHarness.start((settings) => {
    settings.lookupMs = 300;
    Object.assign(settings.outbound, { settleMs: 300, pauseMs: 50, refusedMs: 50, sameLineMs: 100 });
  });
  const owner = harness.sim.addPhone({ number: '5511999887766', name: 'Clinic' });
  ana = harness.sim.addPhone({ number: '5521988776655', name: 'Ana' });
  instance = await harness.linked(owner);
});
afterEach(() => harness.stop());

const send = (to: string) => harness.sessions.sendText(instance, { to, message: 'hello' });

it.each([
  ['LID', () => `${ana.lid}@lid`],
  ['number', () => ana.number],
])(
  'a message to a %s whose devices WhatsApp does not name in time is not taken for sent',
  async (_name, to) => {
    // Of the number WhatsApp is asked whether it exists, first.
    harness.sim.faults.swallowQueries('usync', 2);

    const sent = await send(to());

    expect(sent.status).toBe('sent');
    await expect.poll(() => ana.received.map(({ id }) => id)).toEqual([sent.whatsappMessageId]);
  },
);

it('a message that is refused after WhatsApp did not name devices in time did not arrive', async () => {
  const swallowed = harness.sim.next('query.disturbed');
  harness.sim.faults.swallowQueries('usync', 1);

  const sending = send(`${ana.lid}@lid`);
  sending.catch(() => undefined);
  await swallowed;
  harness.sim.faults.refuseQueries('usync', 403, 100);

  await expect(sending).rejects.toMatchObject({ code: 'whatsapp_forbidden' });
});
