import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { NodeSignals } from '../../queue/node-signals.js';
import { FencedError } from '../../repositories/fenced-error.js';
import { LeasesRepository } from '../../repositories/leases.repository.js';
import { ClaimRest } from './claim-rest.js';
import { now } from './lease-term.js';
import { Neighbourhood } from './neighbourhood.js';
import { Repeater } from '../repeater.js';
import { RequestClerk } from './request-clerk.js';
import { SessionClaims } from './session-claims.js';
import { SessionContext } from '../session-context.js';
import { SessionRegistry } from '../session-registry.js';
import { StoreStuckError } from '../storage/store-stuck-error.js';
import { withTimeout } from '../with-timeout.js';

/** At the start everything is asked for at once: then nobody has to come again for the rest. */
const ALL = 100_000;

/** Keeps this node alive in the eyes of the others, its leases as long as it runs, and its share of the sessions. */
@Injectable()
export class NodeKeeper {
  /** Names this run of the process. */
  readonly incarnation: string = randomUUID();
  private readonly leaseMs: number;
  private readonly beats: Repeater;
  private readonly polls: Repeater;
  private readonly rest: ClaimRest;
  private isFirst = true;
  private isLeaving = false;
  private isFailing = false;
  private hasRival = false;
  private nodes = 1;
  private stopListening: () => void = () => undefined;

  constructor(
    private readonly leases: LeasesRepository,
    private readonly neighbourhood: Neighbourhood,
    private readonly registry: SessionRegistry,
    private readonly claims: SessionClaims,
    private readonly clerk: RequestClerk,
    private readonly context: SessionContext,
    private readonly config: AppConfig,
    private readonly signals: NodeSignals,
  ) {
    this.leaseMs = config.leaseSeconds * 1_000;
    this.rest = new ClaimRest(this.leaseMs);
    this.beats = new Repeater(() => this.attempt(() => this.beat()), this.leaseMs / 3);
    this.polls = new Repeater(() => this.attempt(() => this.poll()), context.settings.pollMs);
  }

  /** Whether other nodes are there to take sessions over, as far as this one has heard. */
  get hasOthers(): boolean {
    return this.nodes > 1;
  }

  /** Works in the background from now on, and waits for the database as long as it takes. */
  start(): void {
    this.stopListening = this.signals.onTold(() => void this.polls.soon());
    void this.polls.soon();
  }

  /** Takes no more sessions; the others are told so that they make room for those that are here. Never rejects. */
  async leave(): Promise<void> {
    this.isLeaving = true;
    this.claims.stop();
    await this.beats.soon();
  }

  /** To be called when nothing is run here any more. Never rejects. */
  async stop(): Promise<void> {
    this.stopListening();
    this.claims.stop();
    await Promise.all([this.beats.stop(), this.polls.stop()]);
    await this.attempt(() => this.bounded(this.neighbourhood.leave()));
  }

  private async beat(): Promise<void> {
    const handles = this.registry.all().flatMap(({ handle }) => (handle.poisoned ? [] : [handle]));
    const asked = now();
    const { lost, others, rival } = await this.bounded(
      this.leases.heartbeat({
        nodeId: this.config.nodeId,
        kind: 'api',
        incarnation: this.incarnation,
        isLeaving: this.isLeaving,
        leaseSeconds: this.config.leaseSeconds,
        sessions: handles,
      }),
    );
    this.rest.answered(performance.now());
    for (const handle of handles) {
      if (lost.includes(handle.instanceId)) {
        handle.poison(new FencedError([handle.instanceId]));
      } else if (!this.neighbourhood.isAlone) {
        handle.renewLease(asked, this.leaseMs);
      }
    }
    this.tellOfRival(rival);
    await this.bounded(this.neighbourhood.bury(others));
  }

  /** They would take each other's sessions for their own. Said once, until it is over. */
  private tellOfRival(hasRival: boolean): void {
    if (hasRival && !this.hasRival) {
      const { nodeId } = this.config;
      this.context.log.error({ nodeId }, 'another process uses this NODE_ID; set a different one for each');
    }
    this.hasRival = hasRival;
  }

  private async poll(): Promise<void> {
    if (this.isFirst) {
      await this.bounded(this.neighbourhood.buryPredecessor());
    }
    if (this.isFirst || this.isFailing || this.rest.isDue(performance.now())) {
      // What runs here must not look free to anybody, before anything else is asked.
      await this.beat();
    }
    const running = this.registry.all().filter(({ isLinked }) => isLinked).length;
    const { nodes, share, free, requests } = await this.bounded(
      this.leases.poll({
        nodeId: this.config.nodeId,
        incarnation: this.incarnation,
        running,
        limit: this.limit,
        requestLimit: this.isLeaving ? 0 : this.clerk.room,
        instanceLimit: this.context.settings.simultaneousInstanceRequests,
        serving: this.clerk.serving,
        again: this.isFirst,
      }),
    );
    this.rest.answered(performance.now());
    this.nodes = this.isLeaving ? this.nodes : nodes;
    this.clerk.serve(requests);
    if (this.isFirst) {
      this.isFirst = false;
      void this.beats.soon();
    }
    if (free.length > 0) {
      const mayBeMore = free.length === this.context.settings.claimBatch;
      void this.claims.claim(free).then((taken) => (mayBeMore && taken > 0 ? this.polls.soon() : undefined));
    } else if (this.hasOthers && !this.isLeaving && running > share) {
      this.claims.surrender(running - share);
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
    return this.rest.isOver(performance.now()) ? this.context.settings.claimBatch : 0;
  }

  private bounded<T>(call: Promise<T>): Promise<T> {
    return withTimeout(call, this.leaseMs / 3, () => new StoreStuckError());
  }

  /** The database may be away for a while: that is said once. */
  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.isFailing = false;
    } catch (err) {
      this.context.log[this.isFailing ? 'debug' : 'warn']({ err }, 'leases not kept: database not available');
      this.isFailing = true;
    }
  }
}
