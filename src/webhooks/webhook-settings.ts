import type { RetrySchedule } from './webhook-retry.js';

/** Numbers of the webhooks. The class is its own injection token; tests shorten what they wait for. */
export class WebhookSettings {
  /** How often it is looked whether there is work that nobody told of, in ms. */
  lookMs = 1_000;
  /** How long events are gathered before they are taken up together, in ms. */
  gatherMs = 20;
  /** Events that a webhook is moved on by in one transaction. */
  page = 500;
  /** Deliveries of a webhook that wait at most; the events after them wait in their table. */
  maxWaiting = 20_000;
  /** Calls at the same time: of this process, of an organization, of a webhook. Of one that fails, one at a time. */
  atOnce = 64;
  perOrganization = 16;
  perWebhook = 8;
  /** Places of the process that webhooks which fail may have together. */
  failingAtOnce = 32;
  /** From the first question to the status of the answer, in ms. */
  callMs = 15_000;
  /** From the status on, in ms. */
  answerMs = 2_000;
  /** Of an answer, the bytes that are kept; the rest is not read. */
  answerBytes = 1_024;
  /** How long a delivery is a worker's, in ms: longer than a call and storing what came of it. */
  leaseMs = 30_000;
  /** How long calls may go on after the process was told to stop, in ms. */
  stopMs = 5_000;
  retry: RetrySchedule = { baseMs: 5_000, maxMs: 60 * 60_000 };
  /** After so long without success a webhook is paused, in ms. */
  windowMs = 72 * 60 * 60_000;
}
