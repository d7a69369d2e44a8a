import { randomUUID } from 'node:crypto';
import type { ConnectResult, SessionsService } from '../../src/baileys/sessions.service.js';
import type { ChatAnswer, ChatRequest } from '../../src/baileys/outbound/chat-request.js';
import { AppError } from '../../src/common/app-error.js';
import type { Instance } from '../../src/repositories/instance.js';

type Sent = Awaited<ReturnType<SessionsService['sendText']>>;

/** Sessions as the edge sees them, without WhatsApp; the simulator's tests cover the real ones. */
export class FakeSessions {
  /** What was asked of them, in order. */
  readonly calls: { name: string; instanceId: string; argument: unknown }[] = [];
  readonly qrs = new Map<string, { qr: string; issuedAt: Date }>();
  readonly connected = new Set<string>();
  /** Thrown by the next call, once. */
  nextFailure: Error | undefined;
  connectResult: ConnectResult | { outcome: 'pending' } = {
    outcome: 'pairing_code',
    pairingCode: 'ABCD1234',
    expiresAt: new Date(Date.now() + 60_000),
  };
  /** What the real ones do to the database at a logout: `isOver` unless the line is down. */
  logOutInDatabase: (instanceId: string, isOver: boolean) => Promise<void> = async () => undefined;
  sendStatus: Sent['status'] = 'sent';
  isLineDown = false;

  async connect(
    instance: Instance,
    argument: { method: string; phoneNumber?: string | undefined },
  ): Promise<ConnectResult | { outcome: 'pending' }> {
    this.note('connect', instance, argument);
    return this.connectResult;
  }

  async currentQr(instanceId: string): Promise<{ qr: string; issuedAt: Date } | null> {
    return this.qrs.get(instanceId) ?? null;
  }

  async isRunningSomewhere(instanceId: string): Promise<boolean> {
    return this.connected.has(instanceId);
  }

  async sendText(instance: Instance, argument: { to: string; message: string }): Promise<Sent> {
    this.note('sendText', instance, argument);
    if (!this.connected.has(instance.id)) {
      throw new AppError('instance_not_connected');
    }
    return { messageId: randomUUID(), whatsappMessageId: '3EB0C767D097B7C7C030', status: this.sendStatus };
  }

  async act(instance: Instance, request: ChatRequest): Promise<ChatAnswer> {
    this.note('act', instance, request);
    return {
      number: { exists: true, phoneNumber: '5521988776655', lid: null },
      requestId: '3EB0',
      watchedUntil: new Date(Date.now() + 60_000).toISOString(),
    };
  }

  keepGroups(): void {
    // No session of a fake has a line.
  }

  async logOut(instance: Instance): Promise<void> {
    this.note('logOut', instance, undefined);
    await this.logOutInDatabase(instance.id, !this.isLineDown);
  }

  summary(): ReturnType<SessionsService['summary']> {
    const byStatus = { connected: 0, pairing: 0, waiting: 0, connecting: 0 };
    const watchdogs = {
      deaf: 0,
      line_silent: 0,
      store_stuck: 0,
      lock_held: 0,
      not_on_line: 0,
      upgrade_refused: 0,
    };
    const groupCommit = { pendingRows: 0, degraded: false };
    return { running: 0, connected: 0, restricted: 0, byStatus, groupCommit, watchdogs, cachedKeyBytes: 0 };
  }

  private note(name: string, instance: Instance, argument: unknown): void {
    this.calls.push({ name, instanceId: instance.id, argument });
    const failure = this.nextFailure;
    this.nextFailure = undefined;
    if (failure) {
      throw failure;
    }
  }
}
