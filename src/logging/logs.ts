import type { Logger } from 'pino';

/** Where every part of the service gets its logger. Abstract, so that it is its own injection token. */
export abstract class Logs {
  /**
   * @param name what the lines are found by, e.g. `baileys` or `messageWorker`
   * @returns a logger whose lines carry `component: name`
   */
  abstract component(name: string): Logger;

  /** Writes out what is buffered; before the process ends. */
  abstract flush(): void;
}
