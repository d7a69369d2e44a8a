import { setTimeout as delay } from 'node:timers/promises';
import type { FaultRule } from '../support/hosted/faults.js';
import type { HostedProject } from '../support/hosted/hosted-project.js';
import type { Fault } from './fault.js';
import type { Random } from './random.js';

/** What a gateway answers in place of the database, or does to connections; each lasts for some time. */
export function gatewayFaults(project: HostedProject, random: Random): Fault[] {
  const place = 'gateway';
  const forSomeTime = (kind: string, weight: number, rule: FaultRule): Fault => ({
    kind,
    weight,
    place,
    run: async () => {
      const fault = project.faults.add(rule);
      await delay(random.between(200, 2_500));
      fault.remove();
    },
  });
  return [
    forSomeTime('answers lost', 1.5, { kinds: ['closed', 'html-502'], probability: 0.3, when: 'after' }),
    forSomeTime('connections closed', 1.5, { kinds: ['closed'], probability: 0.3 }),
    forSomeTime('gateway overloaded', 1.5, {
      kinds: ['html-502', 'html-503', 'cache-503', 'pool-504', 'html-522', 'json-500', 'rate-429'],
      probability: 0.6,
    }),
    forSomeTime('refused by the gateway', 1.5, {
      kinds: ['jwt-401', 'empty-401', 'quota-402', 'html-403', 'empty-404', 'cache-404', 'empty-200'],
      probability: 0.1,
    }),
    {
      kind: 'gateway restarted',
      weight: 0.7,
      place,
      run: () => {
        project.cut();
        return Promise.resolve();
      },
    },
    {
      kind: 'gateway far away',
      weight: 1,
      place,
      run: async () => {
        const usual = project.roundTripMs;
        project.roundTripMs = random.between(200, 1_500);
        await delay(random.between(500, 3_000));
        project.roundTripMs = usual;
      },
    },
  ];
}
