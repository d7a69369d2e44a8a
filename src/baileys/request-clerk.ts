import { Injectable } from '@nestjs/common';
import { NotFoundError } from '../common/app-error.js';
import { SecretBox } from '../common/secret-box.js';
import type { Instance } from '../repositories/instance.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import { NodeRequestsRepository, type TakenNodeRequest } from '../repositories/node-requests.repository.js';
import { LocalSessions } from './local-sessions.js';
import { errorText, movedText, type NodeRequests, resultText } from './node-request.js';
import { SessionContext } from './session-context.js';
import { isHeldElsewhere } from './session-loader.js';

/** Does what other nodes ask of the sessions that this one runs. */
@Injectable()
export class RequestClerk {
  private active = 0;

  constructor(
    private readonly local: LocalSessions,
    private readonly instances: InstancesRepository,
    private readonly requests: NodeRequestsRepository,
    private readonly box: SecretBox,
    private readonly context: SessionContext,
  ) {}

  /** How many more it can do at the same time. */
  get room(): number {
    return Math.max(this.context.settings.simultaneousRequests - this.active, 0);
  }

  /** In the background, all at the same time. */
  serve(taken: TakenNodeRequest[]): void {
    for (const request of taken) {
      this.active += 1;
      void this.serveOne(request).finally(() => (this.active -= 1));
    }
  }

  private async serveOne({ id, instanceId, kind, payload }: TakenNodeRequest): Promise<void> {
    const { log } = this.context;
    try {
      const text = await this.textOf({ id, instanceId, kind, payload });
      await this.requests.answer(id, this.box.seal(Buffer.from(text), [instanceId, 'answer', id]));
    } catch (err) {
      // Whoever asked hears nothing, and decides by what is stored.
      log.warn({ err, instanceId, kind }, 'request of another node not answered');
    }
  }

  private async textOf({ id, instanceId, kind, payload }: TakenNodeRequest): Promise<string> {
    try {
      const instance = await this.instances.findInstance('all', instanceId, { includeDeleted: true });
      if (!instance) {
        throw new NotFoundError('instance_not_found', 'There is no instance with this id.');
      }
      const request: unknown = JSON.parse(
        this.box.open(payload, [instanceId, 'request', id]).toString(),
      ) as unknown;
      const result = await this.work(instance, { id, kind, request });
      return isHeldElsewhere(result) ? movedText() : resultText(result);
    } catch (error) {
      return errorText(error);
    }
  }

  private async work(
    instance: Instance,
    { id, kind, request }: { id: string; kind: keyof NodeRequests; request: unknown },
  ): Promise<object> {
    switch (kind) {
      case 'connect':
        return this.local.connect(instance, request as NodeRequests['connect']['request']);
      case 'send':
        return this.local.sendText(instance, {
          ...(request as NodeRequests['send']['request']),
          requestId: id,
        });
      case 'logout':
        return (await this.local.logoutAndWipe(instance, request as NodeRequests['logout']['request'])) ?? {};
    }
  }
}
