import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ApiKeyHasher } from '../auth/api-key-hasher.js';
import { organizationOf } from '../auth/organization-of.js';
import type { Principal } from '../auth/principal.js';
import { AppError } from '../common/app-error.js';
import { DomainEventBus } from '../common/domain-events.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import { drawNonce, once } from '../repositories/once.js';
import { OrganizationsRepository } from '../repositories/organizations.repository.js';
import { OrganizationSecrets } from '../secrets/organization-secrets.js';
import type { CreateWebhookDto } from './dto/create-webhook.dto.js';
import type { RedriveWebhookDto } from './dto/redrive-webhook.dto.js';
import type { UpdateWebhookDto } from './dto/update-webhook.dto.js';
import { ALL_EVENTS } from './dto/webhook-fields.js';
import type { Webhook } from './webhook.js';
import { callWebhook, type WebhookCall } from './webhook-call.js';
import { WebhookEgress } from './webhook-egress.js';
import { WebhookKeyRing } from './webhook-key-ring.js';
import { bodyOf } from './webhook-message.js';
import { drawWebhookSecret, encodeSecrets, SECRET_BYTES, webhookSecretContext } from './webhook-secret.js';
import { WebhookSettings } from './webhook-settings.js';
import { WebhooksRepository } from './webhooks.repository.js';

/** A webhook with its secret, which nobody gets to see again. */
export interface IssuedWebhook {
  webhook: Webhook;
  secret: string;
}

/** Others may seal a secret anew, or rotate it, at the same moment. */
const REPLACE_TRIES = 5;

/** Webhooks as objects: made, read, changed, deleted, tested, resumed. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly webhooks: WebhooksRepository,
    private readonly organizations: OrganizationsRepository,
    private readonly instances: InstancesRepository,
    private readonly secrets: OrganizationSecrets,
    private readonly keys: WebhookKeyRing,
    private readonly egress: WebhookEgress,
    private readonly settings: WebhookSettings,
    private readonly bus: DomainEventBus,
    private readonly hasher: ApiKeyHasher,
  ) {}

  /**
   * @throws AppError `url_not_allowed`, `instance_not_found`, `too_many_webhooks`, `organization_closed`,
   *   `organization_forbidden` for an organization out of scope, `idempotency_key_reused`; `webhook_not_found` where what an earlier
   *   call under the key made was deleted
   */
  async create(
    caller: Principal,
    scope: OrganizationScope,
    input: CreateWebhookDto,
    key?: string,
  ): Promise<IssuedWebhook & { isReplay: boolean }> {
    const organizationId = organizationOf(scope, input.organization_id);
    const url = this.egress.check(input.url).href;
    await this.assertInstance(organizationId, input.instance_id);
    await this.organizations.ensureOrganization(organizationId);
    const id = randomUUID();
    const nonce = drawNonce();
    const secret = await this.draw(nonce);
    const asked = [caller.kind, caller.id, url, input.events, input.instance_id, input.description];
    const inserted = await this.webhooks.insert(
      {
        id,
        organizationId,
        url,
        sealedSecrets: await this.seal(organizationId, id, { current: secret }),
        eventNames: toEventNames(input.events),
        instanceId: input.instance_id ?? null,
        description: input.description ?? '',
      },
      once('POST /api/webhooks', key, asked, nonce),
    );
    const { made: webhook, isReplay, nonce: first } = found(inserted);
    this.changed(webhook);
    return { webhook, secret: first === null ? secret : await this.draw(first), isReplay };
  }

  /** @throws AppError `webhook_not_found`, also for another organization's */
  async get(scope: OrganizationScope, id: string): Promise<Webhook> {
    return found(await this.webhooks.find(scope, id));
  }

  /** @throws AppError `validation_failed` when there is nothing to change; as `create` and `get` */
  async update(scope: OrganizationScope, id: string, input: UpdateWebhookDto): Promise<Webhook> {
    const { url, events, instance_id, description, state } = input;
    if ([url, events, instance_id, description, state].every((field) => field === undefined)) {
      const wanted = 'give url, events, instance_id, description, state or several of them';
      const message = `The input is invalid: ${wanted}.`;
      throw new AppError('validation_failed', { message, details: [{ path: '', message: wanted }] });
    }
    const { organizationId } = await this.get(scope, id);
    await this.assertInstance(organizationId, instance_id);
    return this.changed(
      await this.webhooks.update(scope, id, {
        url: url === undefined ? undefined : this.egress.check(url).href,
        eventNames: events && toEventNames(events),
        instanceId: instance_id,
        description,
        state,
      }),
    );
  }

  /** @throws AppError as `get` */
  async delete(scope: OrganizationScope, id: string): Promise<void> {
    if (!(await this.webhooks.delete(scope, id))) {
      throw new AppError('webhook_not_found');
    }
  }

  /** @throws AppError as `get`; `organization_closed` */
  async rotateSecret(scope: OrganizationScope, id: string, overlapSeconds: number): Promise<IssuedWebhook> {
    const { organizationId } = await this.get(scope, id);
    const secret = drawWebhookSecret();
    for (let tries = 0; tries < REPLACE_TRIES; tries++) {
      const old = await this.readSecrets(id);
      const { current: former } = await this.keys.open({ webhookId: id, organizationId, secret: old });
      const sealed = await this.seal(organizationId, id, { current: secret, former });
      if (await this.webhooks.replaceSecrets(id, old, sealed, overlapSeconds)) {
        return { webhook: await this.get(scope, id), secret };
      }
    }
    throw new AppError('database_unavailable');
  }

  /**
   * Calls it once with a message that is no event, now and without a repetition, also where it is paused.
   * @throws AppError as `get`
   */
  async test(scope: OrganizationScope, id: string): Promise<{ webhookId: string; call: WebhookCall }> {
    const { organizationId, url } = await this.get(scope, id);
    const secret = await this.readSecrets(id);
    const { current } = await this.keys.open({ webhookId: id, organizationId, secret });
    const webhookId = `test_${randomUUID()}`;
    const body = bodyOf({
      type: 'webhook.test',
      timestamp: new Date().toISOString(),
      sequence: null,
      organization_id: organizationId,
      data: {},
    });
    const message = { id: webhookId, body };
    return {
      webhookId,
      call: await callWebhook(this.egress, { url, message, secrets: [current] }, this.settings),
    };
  }

  /** @throws AppError as `get`; `organization_closed` */
  async resume(scope: OrganizationScope, id: string, after: number | undefined): Promise<Webhook> {
    return this.changed(await this.webhooks.resume(scope, id, after));
  }

  /** @throws AppError as `get`; `events_expired` */
  async redrive(scope: OrganizationScope, id: string, { after, until }: RedriveWebhookDto): Promise<Webhook> {
    return this.changed(await this.webhooks.redrive(scope, id, { after, until }));
  }

  private changed(webhook: Webhook | null): Webhook {
    const { organizationId } = found(webhook);
    this.bus.emit('webhooks.changed', { organizationId });
    return found(webhook);
  }

  /** @throws AppError `instance_not_found` where it is none of the organization */
  private async assertInstance(organizationId: string, instanceId: string | null | undefined): Promise<void> {
    const scope = { organizationIds: [organizationId] };
    if (instanceId && (await this.instances.findInstance(scope, instanceId)) === null) {
      throw new AppError('instance_not_found');
    }
  }

  /** A call that is repeated gets the secret again because it follows from the nonce of the first one. */
  private async draw(nonce: Buffer): Promise<string> {
    return drawWebhookSecret(await this.hasher.derive('auzap webhook secret', nonce, SECRET_BYTES));
  }

  private async readSecrets(id: string): Promise<Buffer> {
    const secrets = await this.webhooks.readSecrets(id);
    if (secrets === null) {
      throw new AppError('webhook_not_found');
    }
    return secrets;
  }

  private seal(organizationId: string, id: string, secrets: Parameters<typeof encodeSecrets>[0]) {
    return this.secrets.seal(organizationId, encodeSecrets(secrets), webhookSecretContext(id));
  }
}

/** No names stand for all, as the database has it. */
function toEventNames(events: readonly string[]): readonly string[] {
  return events.includes(ALL_EVENTS) ? [] : events;
}

/** @throws AppError `webhook_not_found` for null */
function found<Found>(webhook: Found | null): Found {
  if (webhook === null) {
    throw new AppError('webhook_not_found');
  }
  return webhook;
}
