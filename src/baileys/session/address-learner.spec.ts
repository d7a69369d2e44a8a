import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { DomainEventBus } from '../../common/domain-events.js';
import type { MessagesRepository } from '../../repositories/messages.repository.js';
import type { OutgoingEvent } from '../../common/whatsapp-events.js';
import { AddressLearner } from './address-learner.js';

function aLearner() {
  const learnAddresses = vi.fn<MessagesRepository['learnAddresses']>(async () => []);
  const bus = new DomainEventBus();
  const announced: OutgoingEvent[] = [];
  bus.on('events.committed', (events) => announced.push(...events));
  const context = { messages: { learnAddresses }, bus, config: { bookingPolicy: 'off' as const } };
  const instance = { id: 'i', organizationId: 'o' };
  const learner = new AddressLearner(instance, context, pino({ level: 'silent' }));
  const learnt = () => learnAddresses.mock.calls.map(([{ people }]) => people.map(({ lid }) => lid));
  return { learner, learnAddresses, learnt, announced };
}

const pair = (lid: number) => ({ lid: `${lid}@lid`, pn: `55219${lid}@s.whatsapp.net` });

describe('AddressLearner', () => {
  it('stores what is told in one turn together, the last word of each, and announces what came of it', async () => {
    const { learner, learnAddresses, announced } = aLearner();
    const events = [{ sequence: 1 }] as OutgoingEvent[];
    learnAddresses.mockResolvedValueOnce(events);
    learner.add({ lid: '77:3@lid', pn: '5521988887777:3@s.whatsapp.net' });
    learner.add(pair(2));
    learner.add({ lid: '77@lid', pn: '4915112345678@s.whatsapp.net' });

    await vi.waitFor(() => expect(announced).toEqual(events));

    expect(learnAddresses.mock.calls).toEqual([
      [
        {
          instanceId: 'i',
          organizationId: 'o',
          bookingPolicy: 'off',
          people: [
            { phone: '552192', lid: '2' },
            { phone: '4915112345678', lid: '77' },
          ],
        },
      ],
    ]);
  });

  it.each([
    ['a group', { lid: '120363@g.us', pn: '5521988887777@s.whatsapp.net' }],
    ['two LIDs', { lid: '1@lid', pn: '2@lid' }],
    ['nothing', { lid: '', pn: '' }],
  ])('learns nothing from %s', async (_, told) => {
    const { learner, learnt } = aLearner();
    learner.add(told);
    learner.add(pair(1));

    await vi.waitFor(() => expect(learnt()).toEqual([['1']]));
  });

  it('takes an address book in parts', async () => {
    const { learner, learnt } = aLearner();
    Array.from({ length: 501 }, (_, index) => learner.add(pair(index + 1)));

    await vi.waitFor(() => expect(learnt().map((lids) => lids.length)).toEqual([500, 1]));
  });

  it('goes on with what is told after the database was away', async () => {
    const { learner, learnAddresses, learnt } = aLearner();
    learnAddresses.mockRejectedValueOnce(new Error('away'));
    learner.add(pair(1));
    await vi.waitFor(() => expect(learnt()).toEqual([['1']]));
    await new Promise((resolve) => setImmediate(resolve));

    learner.add(pair(2));

    await vi.waitFor(() => expect(learnt()).toEqual([['1'], ['2']]));
  });
});
