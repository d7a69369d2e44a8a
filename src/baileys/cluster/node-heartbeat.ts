import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { NodeSignals } from '../../queue/node-signals.js';
import { FencedError } from '../../repositories/fenced-error.js';
import type {
  Heartbeat,
  HeartbeatAnswer,
  PollAnswer,
  PollQuestion,
} from '../../repositories/leases.repository.js';
import { Ticker, type TickSeat } from '../../ticker/ticker.js';
import { ClaimRest } from './claim-rest.js';
import { type Moment, now } from '../ownership/lease-term.js';
import { NodeLiveness } from '../ownership/node-liveness.js';
import { NodeRequestHandler } from './node-request-handler.js';
import { SessionClaims } from './session-claims.js';
import { SessionContext } from '../session/session-context.js';
import type { SessionHandle } from '../ownership/session-handle.js';
import { SessionRegistry } from '../session/session-registry.js';
import { StoreStuckError } from '../storage/store-stuck-error.js';
import { withTimeout } from '../../common/with-timeout.js';

/** At the start everything is asked for at once: then nobody has to come again for the rest. */
const ALL = 100_000;
/** How long after another node's lease could have ended it is looked for: at random, so that not all look at once, in ms. */
const LEASE_END = { leastMs: 50, spreadMs: 200 };

/** Keeps this node alive in the eyes of the others, its leases as long as it runs, and its share of the sessions. */
@Injectable()
export class NodeHeartbeat {
  /** Names this run of the process. */
  readonly incarnation: string = randomUUID();
  private readonly leaseMs: number;
  private readonly rest: ClaimRest;
  private beats: TickSeat | undefined;
  private polls: TickSeat | undefined;
  /** What the heartbeat under way speaks for, and when it was asked. */
  private beating: { handles: SessionHandle[]; asked: Moment } = { handles: [], asked: now() };
  private running = 0;
  private isFirst = true;
  private isLeaving = false;
  private isFailing = false;
  private hasRival = false;
  private nodes = 1;
  private stopListening: () => void = () => undefined;

  constructor(
    private readonly ticker: Ticker,
    private readonly liveness: NodeLiveness,
    private readonly registry: SessionRegistry,
    private readonly claims: SessionClaims,
    private readonly handler: NodeRequestHandler,
    private readonly context: SessionContext,
    private readonly config: AppConfig,
    private readonly signals: NodeSignals,
  ) {
    this.leaseMs = config.leaseSeconds * 1_000;
    this.rest = new ClaimRest(this.leaseMs);
  }

  /** Whether other nodes are there to take sessions over, as far as this one has heard. */
  get hasOthers(): boolean {
    return this.nodes > 1;
  }

  /** Works in the background from now on, and waits for the database as long as it takes. */
  start(): void {
    this.beats = this.ticker.join({
      part: 'heartbeat',
      everyMs: this.leaseMs / 3,
      // What runs here must not look free to anybody, before anything else is asked.
      isUrgent: () => this.isFirst || this.isFailing || this.rest.isDue(performance.now()),
      ask: () => this.beat(),
      answered: (answer) => this.beaten(answer),
    });
    this.polls = this.ticker.join({
      part: 'work',
      everyMs: 0,
      ask: () => this.poll(),
      answered: (answer) => this.polled(answer),
      failed: (err) => this.failed(err),
    });
    this.stopListening = this.signals.onTold(() => void this.polls?.soon());
    void this.polls.soon();
  }

  /** Takes no more sessions; the others are told so that they make room for those that are here. Never rejects. */
  async leave(): Promise<void> {
    this.isLeaving = true;
    this.claims.stop();
    await this.beats?.soon();
  }

  /** To be called when nothing is run here any more. Never rejects. */
  async stop(): Promise<void> {
    this.stopListening();
    this.claims.stop();
    await Promise.all([this.beats?.leave(), this.polls?.leave()]);
    await this.attempt(() => this.bounded(this.liveness.leave()));
  }

  private beat(): Heartbeat {
    const handles = this.registry.all().flatMap(({ handle }) => (handle.revoked ? [] : [handle]));
    this.beating = { handles, asked: now() };
    return {
      nodeId: this.config.nodeId,
      kind: 'api',
      incarnation: this.incarnation,
      isLeaving: this.isLeaving,
      leaseSeconds: this.config.leaseSeconds,
      sessions: handles,
      bury: this.isFirst ? this.liveness.predecessors : undefined,
    };
  }

  private beaten({ lost, others, rival, groups }: HeartbeatAnswer): void {
    const { handles, asked } = this.beating;
    for (const handle of handles) {
      if (lost.includes(handle.instanceId)) {
        handle.revoke(new FencedError([handle.instanceId]));
      } else if (!this.liveness.isAlone) {
        handle.renewLease(asked, this.leaseMs);
      }
      handle.storesGroups = groups?.includes(handle.instanceId) ?? false;
    }
    this.tellOfRival(rival);
    void this.bury(others);
  }

  /** What those ran who are certainly gone is free at once. */
  private bury(nodeIds: string[]): Promise<void> {
    return this.attempt(async () => {
      if (await this.bounded(this.liveness.bury(nodeIds))) {
        void this.polls?.soon();
      }
    });
  }

  /** They would take each other's sessions for their own. Said once, until it is over. */
  private tellOfRival(hasRival: boolean): void {
    if (hasRival && !this.hasRival) {
      const { nodeId } = this.config;
      this.context.log.error({ nodeId }, 'another process uses this NODE_ID; set a different one for each');
    }
    this.hasRival = hasRival;
  }

  private poll(): PollQuestion {
    this.running = this.registry.all().filter(({ isLinked }) => isLinked).length;
    return {
      nodeId: this.config.nodeId,
      incarnation: this.incarnation,
      running: this.running,
      limit: this.limit,
      requestLimit: this.isLeaving ? 0 : this.handler.room,
      instanceLimit: this.context.settings.simultaneousInstanceRequests,
      serving: this.handler.serving,
      again: this.isFirst,
    };
  }

  private polled(answer: PollAnswer): void {
    const { nodes, share, free, requests, nextLeaseMs, hasLeaver, leaving } = answer;
    const at = performance.now();
    this.rest.answered(at);
    // After an outage what looks free may be nobody's to take, also where nobody knew of it when this was asked.
    const claimable = this.isFirst || this.rest.isOver(at) ? free : [];
    this.nodes = this.isLeaving ? this.nodes : nodes;
    this.isFirst = false;
    this.isFailing = false;
    this.handler.serve(requests);
    this.claims.logOut(leaving);
    if (requests.length > 0 || hasLeaver) {
      this.polls?.hurry();
    }
    if (nextLeaseMs !== null) {
      this.polls?.within(nextLeaseMs + LEASE_END.leastMs + LEASE_END.spreadMs * Math.random());
    }
    if (claimable.length > 0) {
      const mayBeMore = claimable.length === this.context.settings.claimBatch;
      void this.claims
        .claim(claimable)
        .then((taken) => (mayBeMore && taken > 0 ? this.polls?.soon() : undefined));
    } else if (this.hasOthers && !this.isLeaving && this.running > share) {
      this.claims.surrender(this.running - share);
    }
  }

  /** How many sessions to take at most. */
  private get limit(): number {
    if (this.isLeaving || this.claims.isClaiming) {
      return 0;
    }
    if (this.isFirst) {
      return ALL;
    }
    const at = performance.now();
    return this.rest.isOver(at) && !this.rest.isDue(at) ? this.context.settings.claimBatch : 0;
  }

  private bounded<T>(call: Promise<T>): Promise<T> {
    return withTimeout(call, this.leaseMs / 3, () => new StoreStuckError());
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (err) {
      this.failed(err);
    }
  }

  /** The database may be away for a while: that is said once. */
  private failed(err: unknown): void {
    this.context.log[this.isFailing ? 'debug' : 'warn']({ err }, 'leases not kept: database not available');
    this.isFailing = true;
  }
}
