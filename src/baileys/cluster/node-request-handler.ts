import { Injectable } from '@nestjs/common';
import { AppError, isNotFound } from '../../common/app-error.js';
import { SecretBox } from '../../common/secret-box.js';
import type { Instance } from '../../repositories/instance.js';
import { InstancesRepository } from '../../repositories/instances.repository.js';
import {
  NodeRequestsRepository,
  type TakenNodeRequest,
} from '../../repositories/node-requests.repository.js';
import { LocalSessions } from './local-sessions.js';
import { errorText, isMoving, movedText, type NodeRequests, resultText } from './node-request.js';
import { SessionContext } from '../session/session-context.js';
import { isHeldElsewhere } from '../session/session-loader.js';
import { SessionRegistry } from '../session/session-registry.js';

/** Does what other nodes ask of the sessions that this one runs. */
@Injectable()
export class NodeRequestHandler {
  private readonly active = new Set<string>();

  constructor(
    private readonly local: LocalSessions,
    private readonly registry: SessionRegistry,
    private readonly instances: InstancesRepository,
    private readonly requests: NodeRequestsRepository,
    private readonly box: SecretBox,
    private readonly context: SessionContext,
  ) {}

  /** How many more it can do at the same time. */
  get room(): number {
    return Math.max(this.context.settings.simultaneousRequests - this.active.size, 0);
  }

  /** Ids of the requests that it is at. */
  get serving(): string[] {
    return [...this.active];
  }

  /** In the background, all at the same time. */
  serve(taken: TakenNodeRequest[]): void {
    for (const request of taken) {
      this.active.add(request.id);
      void this.serveOne(request).finally(() => this.active.delete(request.id));
    }
  }

  private async serveOne({ id, instanceId, kind, payload }: TakenNodeRequest): Promise<void> {
    const { log } = this.context;
    try {
      const text = await this.textOf({ id, instanceId, kind, payload });
      if (text === undefined) {
        return;
      }
      await this.requests.answer(id, this.box.seal(Buffer.from(text), [instanceId, 'answer', id]));
    } catch (err) {
      // The node that runs the instance is given it once more, while a caller wants it.
      log.warn({ err, instanceId, kind }, 'request of another node not answered');
    }
  }

  /** @returns undefined when the request must be given to a node once more */
  private async textOf({ id, instanceId, kind, payload }: TakenNodeRequest): Promise<string | undefined> {
    try {
      const instance = await this.instances.findInstance('all', instanceId, { includeDeleted: true });
      if (!instance) {
        throw new AppError('instance_not_found');
      }
      const request: unknown = JSON.parse(
        this.box.open(payload, [instanceId, 'request', id]).toString(),
      ) as unknown;
      const result = await this.work(instance, { id, kind, request });
      return isHeldElsewhere(result) ? this.moved(kind) : resultText(result);
    } catch (error) {
      if (kind === 'logout' && !isNotFound(error)) {
        this.context.log.warn({ err: error, instanceId }, 'instance not logged out yet');
        return undefined;
      }
      const isHere = this.registry.get(instanceId) !== undefined;
      return isMoving(error, isHere) ? movedText() : errorText(error);
    }
  }

  /** Nobody may be there any more to ask the next node: a logout stands until it is done. */
  private moved(kind: keyof NodeRequests): string | undefined {
    return kind === 'logout' ? undefined : movedText();
  }

  private async work(
    instance: Instance,
    { id, kind, request }: { id: string; kind: keyof NodeRequests; request: unknown },
  ): Promise<object> {
    switch (kind) {
      case 'connect':
        return this.local.connect(instance, request as NodeRequests['connect']['request']);
      case 'send':
      case 'send_content':
        return this.local.sendText(instance, {
          ...(request as NodeRequests['send']['request']),
          requestId: id,
        });
      case 'chat':
        return this.local.act(instance, request as NodeRequests['chat']['request']);
      case 'logout':
        return (await this.local.logOut(instance)) ?? {};
    }
  }
}
