import type { ServiceEndpoint } from './service-endpoint.js';
import type { Command } from './managed-process.js';
import type { Population } from './population.js';

/** Part of what the service, and whoever poses as it, writes when it answers. */
export const SERVICE_STARTED = '"service started"';

/** What is put to the test: the service, or the plain handler that shows what the test is worth. */
export interface Subject extends Command {
  readonly label: string;
  /** Table that it stores received messages in before anything else, with `instance_id`, `message_id` and `sender`. */
  readonly receivedTable: string;
  /** Counts rows that wait, sends without an outcome and numbers not shown as connected; undefined where there are none. */
  readonly workQuery: string | undefined;
  /** Comes to rest. What loses messages does not: it is waited for no longer than the patience in all. */
  readonly comesToRest: boolean;
  /** Takes `Idempotency-Key` on a send. */
  readonly takesKeys: boolean;
  /** Links each number to its phone, and sets the numbers' ids. */
  link(endpoint: ServiceEndpoint, population: Population): Promise<void>;
}
