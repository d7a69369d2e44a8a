import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/app-error.js';
import { SecretBox } from '../../common/secret-box.js';
import { AppConfig } from '../../config/app-config.js';
import { NodeSignals } from '../../queue/node-signals.js';
import { NodeRequestsRepository } from '../../repositories/node-requests.repository.js';
import { AnswerWatch } from './answer-watch.js';
import { isUnavailable } from '../storage/commit-fault.js';
import { NodeLiveness } from '../ownership/node-liveness.js';
import { type NodeRequests, readAnswer } from './node-request.js';

/**
 * What became of a request. `nobody`: no other node runs the instance, so nothing was asked. `gone`: the node that was
 * asked does not run it any more, and may have begun. `late`: no answer came in time.
 */
export type Asked<T> =
  { outcome: 'answered'; result: T } | { outcome: 'nobody' } | { outcome: 'gone' } | { outcome: 'late' };

export interface AskOptions {
  /** How long to wait for the answer, in ms. */
  waitMs: number;
  /** When no answer came in time the request still stands, for so long, in ms. */
  lingerMs?: number;
}

/** So many callers may wait for one instance at the same time: more than the node that runs it does at once. */
const MAX_WAITING = 100;
const WITHDRAW_PAUSE_MS = 250;

/** Asks the node that runs an instance to do something with it. */
@Injectable()
export class NodeRequestClient {
  private readonly answers: AnswerWatch;
  /** By instance. */
  private readonly waiting = new Map<string, number>();

  constructor(
    private readonly requests: NodeRequestsRepository,
    private readonly signals: NodeSignals,
    private readonly liveness: NodeLiveness,
    private readonly box: SecretBox,
    private readonly config: AppConfig,
  ) {
    this.answers = new AnswerWatch(requests);
  }

  /**
   * While the database does not answer, it is not known what became of the request: it is `late` then, when it is too old to
   * be done.
   * @throws AppError `too_many_requests`: nothing was asked
   * @throws AppError that the other node failed with
   */
  async ask<Kind extends keyof NodeRequests>(
    instanceId: string,
    kind: Kind,
    request: NodeRequests[Kind]['request'],
    options: AskOptions,
  ): Promise<Asked<NodeRequests[Kind]['result']>> {
    if (this.liveness.isAlone) {
      return { outcome: 'nobody' };
    }
    const leave = this.enter(instanceId);
    try {
      return await this.askThere(instanceId, kind, request, options);
    } finally {
      leave();
    }
  }

  private async askThere<Kind extends keyof NodeRequests>(
    instanceId: string,
    kind: Kind,
    request: NodeRequests[Kind]['request'],
    options: AskOptions,
  ): Promise<Asked<NodeRequests[Kind]['result']>> {
    const id = randomUUID();
    const deadline = Date.now() + options.waitMs;
    const seconds = (options.waitMs + (options.lingerMs ?? 0)) / 1_000;
    const payload = this.box.seal(Buffer.from(JSON.stringify(request)), [instanceId, 'request', id]);
    const { nodeId } = this.config;
    const asking = this.requests.ask({ id, instanceId, nodeId, kind, payload, seconds });
    // Without an answer it may be there, and may be done.
    if (!(await asking.catch(unlessUnavailable(true)))) {
      return { outcome: 'nobody' };
    }
    const expiresAt = Date.now() + seconds * 1_000;
    this.signals.tell(instanceId);
    const ending = await this.answers.wait(id, deadline);
    if (ending === 'late' && options.lingerMs !== undefined) {
      return { outcome: 'late' };
    }
    // It may have come at the last moment.
    const answer = await this.withdraw(id, expiresAt);
    if (!answer) {
      return { outcome: ending === 'late' ? 'late' : 'gone' };
    }
    const result = readAnswer(this.box.open(answer, [instanceId, 'answer', id]).toString());
    return result === undefined
      ? { outcome: 'gone' }
      : { outcome: 'answered', result: result as NodeRequests[Kind]['result'] };
  }

  /** @returns to be called when the caller waits no longer */
  private enter(instanceId: string): () => void {
    const count = this.waiting.get(instanceId) ?? 0;
    if (count >= MAX_WAITING) {
      throw new AppError('too_many_requests');
    }
    this.waiting.set(instanceId, count + 1);
    return () => {
      const left = this.waiting.get(instanceId)! - 1;
      if (left > 0) {
        this.waiting.set(instanceId, left);
      } else {
        this.waiting.delete(instanceId);
      }
    };
  }

  /** Afterwards nothing is stored for the request, since it is gone or too old. @returns its answer, if one is known */
  private async withdraw(id: string, expiresAt: number): Promise<Buffer | null> {
    for (;;) {
      const answer = await this.requests.withdraw(id).catch(unlessUnavailable(undefined));
      if (answer !== undefined) {
        return answer;
      }
      if (Date.now() >= expiresAt) {
        return null;
      }
      await delay(WITHDRAW_PAUSE_MS);
    }
  }
}

/** @returns for `catch`: `value` instead of a fault of the database that passes by itself */
function unlessUnavailable<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (!isUnavailable(error)) {
      throw error;
    }
    return value;
  };
}
