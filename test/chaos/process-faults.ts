import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.js';
import type { Random } from './random.js';
import type { Supervisor } from './supervisor.js';

/** What can happen to the process, killing aside. */
export function processFaults(supervisor: Supervisor, random: Random): Fault[] {
  return [
    {
      kind: 'process stalled',
      weight: 2,
      place: 'process',
      run: async () => {
        const { current } = supervisor;
        if (current && !current.isOver) {
          current.signal('SIGSTOP');
          await delay(random.between(50, 1_500));
          current.signal('SIGCONT');
        }
      },
    },
  ];
}
