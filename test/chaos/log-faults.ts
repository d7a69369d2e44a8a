import { rename } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.js';
import type { LogVolume } from './log-volume.js';
import type { Random } from './random.js';

/** Longer than the service takes to see that it is over. */
const LONG_MS = 3_000;
const SHORT_MS = 500;
const PLACE = 'logs';

/** What can happen to the log. */
export function logFaults(logs: LogVolume, random: Random): Fault[] {
  const { disk } = logs;
  return [
    {
      kind: 'log folder gone',
      weight: 0.5,
      place: PLACE,
      run: async () => {
        await rename(logs.folder, `${logs.folder}-${random.integer(0, 1e9)}`).catch(() => undefined);
      },
    },
    ...(disk
      ? [
          {
            kind: 'log disk full',
            weight: 0.7,
            place: PLACE,
            run: async () => {
              await disk.fill(0);
              await delay(random.between(SHORT_MS, LONG_MS));
              disk.free();
            },
          } as const,
          {
            kind: 'log folder read-only',
            weight: 0.5,
            place: PLACE,
            run: async () => {
              const undo = logs.makeReadOnly();
              await delay(random.between(SHORT_MS, LONG_MS));
              undo?.();
            },
          } as const,
        ]
      : []),
  ];
}
