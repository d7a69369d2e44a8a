import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppError } from '../common/app-error.js';
import { withTimeout } from '../common/with-timeout.js';
import { DomainEventBus } from '../common/domain-events.js';
import { LeasedWork, STOPPING } from '../common/leased-work.js';
import { SessionsService } from '../baileys/sessions.service.js';
import { Logs } from '../logging/logs.js';
import { InstancesRepository } from '../repositories/instances.repository.js';
import {
  type ClaimedMedia,
  type MediaOutcome,
  MessageMediaRepository,
} from '../repositories/message-media.repository.js';
import { KeyRing } from '../secrets/key-ring.js';
import { Ticker, type TickSeat } from '../ticker/ticker.js';
import { mediaClaims } from './media-claims.js';
import { MediaFault } from './media-fault.js';
import { MediaSettings } from './media-settings.js';
import { sourceOf } from './media-sources.js';

/**
 * Asks the phones of accounts to upload once more what WhatsApp has no longer, through whichever node runs the session. The answer
 * comes by itself, minutes or days later, and is stored by the session; until then it is asked again with growing pauses.
 */
@Injectable()
export class PhoneRequests implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log: Logger;
  private readonly claims: LeasedWork<ClaimedMedia>;
  private seat: TickSeat | undefined;

  constructor(
    repository: MessageMediaRepository,
    private readonly instances: InstancesRepository,
    private readonly sessions: SessionsService,
    private readonly ring: KeyRing,
    private readonly ticker: Ticker,
    private readonly settings: MediaSettings,
    private readonly bus: DomainEventBus,
    logs: Logs,
  ) {
    this.log = logs.component('media');
    const { asks, asksPerOrganization, leaseMs } = settings;
    const bounds = {
      step: 'phone' as const,
      atOnce: asks,
      perOrganization: asksPerOrganization,
      leaseMs,
      isOpen: () => true,
    };
    this.claims = mediaClaims(repository, bus, this.log, bounds, (claimed, signal) =>
      this.outcomeOf(claimed, signal),
    );
  }

  onApplicationBootstrap(): void {
    this.bus.on('media.step_changed', (step) => step === 'phone' && this.claims.take());
    this.seat = this.ticker.join({
      part: 'media',
      everyMs: this.settings.lookMs,
      ask: () => true,
      answered: ({ phone }) => {
        if (phone) {
          this.claims.take();
        }
      },
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.seat?.leave();
    await this.claims.stop();
  }

  /** Never rejects. */
  private async outcomeOf(claimed: ClaimedMedia, signal: AbortSignal): Promise<MediaOutcome> {
    const { attempts, instanceId, messageId, organizationId } = claimed;
    if (attempts > this.settings.maxAsks) {
      return { state: 'failed', error: 'media_phone_silent' };
    }
    try {
      await this.ask(claimed, signal);
    } catch (err) {
      if (err === STOPPING) {
        return { state: 'pending', step: 'phone', delayMs: 0, isCounted: false, error: 'media_expired' };
      }
      if (err instanceof MediaFault) {
        return { state: err.remedy === 'expired' ? 'expired' : 'failed', error: err.code };
      }
      this.log.info({ err, messageId, organizationId, instanceId, attempts }, 'phone not asked for a file');
    }
    return { state: 'pending', step: 'phone', delayMs: this.waitMs(attempts), error: 'media_expired' };
  }

  private async ask(claimed: ClaimedMedia, signal: AbortSignal): Promise<void> {
    const { organizationId, instanceId, whatsappMessageId, chatJid, authorJid, fromMe } = claimed;
    const scope = { organizationIds: [organizationId] };
    const instance = await this.instances.findInstance(scope, instanceId);
    if (!instance || chatJid === null) {
      throw new MediaFault('media_expired', 'expired'); // There is no phone to ask, or nothing to call it by.
    }
    const { mediaKey } = await sourceOf(this.ring, claimed);
    const request = {
      action: 'ask_for_file' as const,
      chatJid,
      ...(authorJid !== null && { authorJid }),
      fromMe,
      messageId: whatsappMessageId,
      mediaKey,
    };
    const late = () => new AppError('instance_not_responding');
    await withTimeout(this.sessions.act(instance, request), this.settings.leaseMs, late, signal);
  }

  private waitMs(attempts: number): number {
    const { baseAskMs, maxAskMs } = this.settings;
    return Math.min(baseAskMs * 4 ** (attempts - 1), maxAskMs);
  }
}
