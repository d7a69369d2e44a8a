import { Injectable } from '@nestjs/common';
import { withTimeout } from '../../common/with-timeout.js';
import { NodeHeartbeat } from './node-heartbeat.js';
import { SessionClaims } from './session-claims.js';
import { SessionContext } from '../session/session-context.js';
import { SessionRegistry } from '../session/session-registry.js';
import { StorageProbe } from '../storage/storage-probe.js';

/** So many sessions are handed over one after the other; more of them, in so many lanes more. */
const SESSIONS_A_LANE = 50;
const MAX_LANES = 8;

/** The end of all sessions of this process. */
@Injectable()
export class SessionShutdown {
  private endsAt = Infinity;
  private begun: Promise<void> | undefined;

  constructor(
    private readonly registry: SessionRegistry,
    private readonly heartbeat: NodeHeartbeat,
    private readonly claims: SessionClaims,
    private readonly probe: StorageProbe,
    private readonly context: SessionContext,
  ) {}

  /**
   * Takes no more sessions and requests, then sends nothing more: other nodes, which are told so, do it as soon as they
   * have the sessions. Never rejects; bounded in time.
   */
  begin(): Promise<void> {
    this.begun ??= this.leave();
    return this.begun;
  }

  /** Hands over what others can take, then closes the rest. Never rejects; bounded in time. */
  async run(): Promise<void> {
    await this.begin();
    const { handOverMs, shutdownMs } = this.context.settings;
    if (this.heartbeat.hasOthers) {
      const left = this.endsAt - Date.now() - shutdownMs - farewellMs(shutdownMs);
      await this.handOver(Math.min(handOverMs, Math.max(left, 0)));
    }
    await this.closeRest(shutdownMs);
    await withTimeout(this.heartbeat.stop(), farewellMs(shutdownMs));
  }

  private async leave(): Promise<void> {
    const { stopMs, shutdownMs } = this.context.settings;
    this.endsAt = Date.now() + stopMs;
    await withTimeout(this.heartbeat.leave(), farewellMs(shutdownMs));
    await this.context.outbound.close();
  }

  private async handOver(boundMs: number): Promise<void> {
    const sessions = this.registry.all();
    const deadline = Date.now() + boundMs;
    const lanes = Math.min(Math.ceil(sessions.length / SESSIONS_A_LANE), MAX_LANES);
    const isOver = () => Date.now() >= deadline;
    await withTimeout(this.claims.handOver(sessions, 'service_stopped', lanes, isOver), boundMs);
  }

  private async closeRest(boundMs: number): Promise<void> {
    this.probe.stop();
    const { groupCommit, receipts, reads, statuses } = this.context;
    reads.close();
    const endsAt = performance.now() + boundMs;
    const left = () => Math.max(endsAt - performance.now(), 0);
    // What was received is acknowledged before the lines close.
    await withTimeout(groupCommit.flush(), boundMs / 3);
    const closing = this.registry
      .all()
      .map((session) =>
        this.registry.exclusively(session.instance.id, () => this.registry.close(session, 'service_stopped')),
      );
    await withTimeout(Promise.allSettled(closing), left());
    statuses.close();
    const rest = Promise.all([
      groupCommit.flush(),
      receipts.close(),
      statuses.settled(),
      this.registry.settled(),
    ]);
    await withTimeout(rest, left());
  }
}

/** How long telling the others may take, in ms. */
function farewellMs(shutdownMs: number): number {
  return shutdownMs / 3;
}
