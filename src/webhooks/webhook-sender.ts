import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { CoalescedRun } from '../common/coalesced-run.js';
import { DomainEventBus } from '../common/domain-events.js';
import { LeasedWork } from '../common/leased-work.js';
import { AppConfig, hasWorker } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { EVENTS_TOPIC, parseAnnouncement } from '../realtime/announcement.js';
import { RedisBroadcast } from '../redis/redis-broadcast.js';
import { Ticker, type TickSeat } from '../ticker/ticker.js';
import { callWebhook } from './webhook-call.js';
import {
  type ClaimedDelivery,
  type DeliveryOutcome,
  WebhookDeliveriesRepository,
} from './webhook-deliveries.repository.js';
import { WebhookEgress } from './webhook-egress.js';
import { WebhookKeyRing } from './webhook-key-ring.js';
import { toWebhookMessage } from './webhook-message.js';
import { retryDelayMs } from './webhook-retry.js';
import { WebhookSettings } from './webhook-settings.js';

const GONE = 410;
/** Before it is tried again to open a secret, in ms: it takes an operator. */
const SECRET_REST_MS = 60_000;
const FAILED = {
  claim: 'webhook deliveries not claimed',
  work: 'outcome of a webhook delivery not stored',
  renewal: 'webhook claims not prolonged',
};

/**
 * Sends stored events to webhooks, where the worker runs: makes deliveries of them, and the calls. What is told of by this process,
 * and by others through Redis, is sent at once; what nobody told of is found with a tick.
 */
@Injectable()
export class WebhookSender implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log: Logger;
  private readonly calls: LeasedWork<ClaimedDelivery>;
  private readonly takingUp = new CoalescedRun(() => this.takeUp());
  /** Whose events are worth a question; undefined: perhaps everybody's. */
  private withWebhooks: ReadonlySet<string> | undefined = new Set();
  /** Whose events wait to be taken up. */
  private readonly rung = new Set<string>();
  private isBehind = false;
  private isStopping = false;
  private seat: TickSeat | undefined;

  constructor(
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly keys: WebhookKeyRing,
    private readonly egress: WebhookEgress,
    private readonly ticker: Ticker,
    private readonly bus: DomainEventBus,
    private readonly settings: WebhookSettings,
    private readonly config: AppConfig,
    logs: Logs,
    private readonly broadcast?: RedisBroadcast,
  ) {
    this.log = logs.component('webhooks');
    const { atOnce, failingAtOnce, perOrganization, perWebhook, leaseMs } = settings;
    this.calls = new LeasedWork<ClaimedDelivery>({
      atOnce,
      idOf: ({ id }) => String(id),
      claim: (worker, limit, active) => {
        const failing = active.filter(({ isFailing }) => isFailing).length;
        const failingLimit = Math.max(failingAtOnce - failing, 0);
        return deliveries.claim({ worker, limit, failingLimit, perOrganization, perWebhook, leaseMs });
      },
      work: (claimed, signal, worker) => this.deliver(claimed, signal, worker),
      failed: (err, what, claimed) =>
        this.log.warn(
          { err, webhookId: claimed?.webhookId, organizationId: claimed?.organizationId },
          FAILED[what],
        ),
    });
  }

  /** Starts, unless the configuration says that no worker runs here. */
  onApplicationBootstrap(): void {
    if (!hasWorker(this.config)) {
      return;
    }
    this.bus.on('events.committed', (events) => events.forEach((event) => this.hear(event.organizationId)));
    this.bus.on('webhooks.changed', () => void this.seat?.soon());
    this.broadcast?.subscribe(EVENTS_TOPIC, (text) => {
      const { events = [], heads = [] } = parseAnnouncement(text) ?? {};
      events.forEach((event) => this.hear(event.organizationId));
      heads.forEach(([organizationId]) => this.hear(organizationId));
    });
    this.seat = this.ticker.join({
      part: 'webhooks',
      everyMs: this.settings.lookMs,
      ask: () => true,
      answered: ({ organizations, behind, due }) => {
        this.withWebhooks = organizations === null ? undefined : new Set(organizations);
        if (behind) {
          this.isBehind = true;
          void this.takingUp.run();
        }
        if (due) {
          this.calls.take();
        }
      },
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await this.seat?.leave();
    await this.takingUp.settled();
    await this.calls.stop(this.settings.stopMs);
  }

  private hear(organizationId: string): void {
    if (this.withWebhooks?.has(organizationId) ?? true) {
      const isFirst = this.rung.size === 0;
      this.rung.add(organizationId);
      if (isFirst) {
        void this.takingUp.run();
      }
    }
  }

  /** Never rejects: the next tick finds what is left. */
  private async takeUp(): Promise<void> {
    const { gatherMs } = this.settings;
    try {
      if (!this.isBehind) {
        await delay(gatherMs);
      }
      while (!this.isStopping && (this.isBehind || this.rung.size > 0)) {
        const organizations = this.isBehind ? null : [...this.rung];
        this.isBehind = false;
        this.rung.clear();
        const isMore = await this.deliveries.takeUp(organizations, this.settings);
        this.isBehind ||= isMore;
        this.calls.take();
      }
    } catch (err) {
      this.rung.clear();
      this.log.warn({ err }, 'events not taken up for webhooks');
    }
  }

  private async deliver(claimed: ClaimedDelivery, signal: AbortSignal, worker: string): Promise<void> {
    const { id, webhookId, organizationId, sequence } = claimed;
    const outcome = await this.outcomeOf(claimed, signal);
    if (outcome.kind === 'retry' || outcome.kind === 'gone') {
      const { status, error } = outcome;
      this.log.info({ webhookId, organizationId, sequence, status, error }, 'webhook not delivered');
    }
    const reason = await this.deliveries.settle(worker, id, outcome, this.settings.windowMs);
    if (reason !== null) {
      this.log.warn({ webhookId, organizationId, reason }, 'webhook paused');
    }
  }

  /** Never rejects. */
  private async outcomeOf(claimed: ClaimedDelivery, signal: AbortSignal): Promise<DeliveryOutcome> {
    const { organizationId, webhookId, sequence, event, url, hasFormerSecret, attempts } = claimed;
    if (event === null) {
      return { kind: 'drop', error: 'event_gone' };
    }
    let secrets: string[];
    try {
      const { current, former } = await this.keys.open(claimed);
      secrets = former !== undefined && hasFormerSecret ? [current, former] : [current];
    } catch (err) {
      this.log.error({ err, webhookId, organizationId }, 'secret of a webhook can not be opened');
      return { kind: 'release', error: 'secret_unreadable', delayMs: SECRET_REST_MS };
    }
    const message = toWebhookMessage(organizationId, sequence, event);
    const call = await callWebhook(this.egress, { url, message, secrets }, this.settings, signal);
    if (call.error === null) {
      return { kind: 'delivered', ...call };
    }
    if (signal.aborted) {
      return { kind: 'release' };
    }
    const delayMs = retryDelayMs(this.settings.retry, attempts, call.retryAfterMs);
    return { kind: call.status === GONE ? 'gone' : 'retry', ...call, delayMs };
  }
}
