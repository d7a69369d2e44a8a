import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { OrganizationSecrets } from '../secrets/organization-secrets.js';
import { decodeSecrets, webhookSecretContext, type WebhookSecrets } from './webhook-secret.js';

const MAX_KNOWN = 1_000;
/** Of an organization that was closed nothing is sent any more, and its secrets are forgotten within this time, in ms. */
const FORGET_MS = 10 * 60_000;

/** A sealed secret with what it is of. */
export interface SealedWebhookSecrets {
  webhookId: string;
  organizationId: string;
  secret: Buffer;
}

/** The signing secrets of webhooks, as far as this process has needed them lately. */
@Injectable()
export class WebhookKeyRing {
  private readonly known = new LRUCache<string, WebhookSecrets>({ max: MAX_KNOWN, ttl: FORGET_MS });

  constructor(private readonly secrets: OrganizationSecrets) {}

  /** @throws Error when they can't be opened */
  async open({ webhookId, organizationId, secret }: SealedWebhookSecrets): Promise<WebhookSecrets> {
    // Whoever puts others in their place seals anew.
    const key = `${webhookId} ${secret.toString('base64')}`;
    const known = this.known.get(key);
    if (known) {
      return known;
    }
    const opened = decodeSecrets(
      await this.secrets.open(organizationId, secret, webhookSecretContext(webhookId)),
    );
    this.known.set(key, opened);
    return opened;
  }
}
