import type { Logger } from 'pino';
import type { Drop } from './drops.js';

/** Whether lines are written. */
export interface LogHealth {
  /** Lines that a place did not take, since the process began. */
  dropped: number;
  /** What is being dropped at the moment; undefined while all places take lines, or nobody wants them. */
  current: Readonly<Drop> | undefined;
}

/** Where every part of the service gets its logger. Abstract, so that it is its own injection token. */
export abstract class Logs {
  /**
   * @param name what the lines are found by, e.g. `baileys` or `messageWorker`
   * @returns a logger whose lines carry `component: name`
   */
  abstract component(name: string): Logger;

  /** Absent where lines go nowhere that could refuse them. */
  health?(): LogHealth;

  /** Writes out what is buffered; before the process ends. */
  abstract flush(): void;
}
