import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppError, hasCode } from '../common/app-error.js';
import { Backoff } from '../common/backoff.js';
import { DomainEventBus } from '../common/domain-events.js';
import { LeasedWork, STOPPING } from '../common/leased-work.js';
import { AppConfig, hasWorker } from '../config/app-config.js';
import { whatsappMediaOrigin } from '../config/whatsapp-media-origin.js';
import { EgressFetch } from '../egress/egress-fetch.js';
import { Logs } from '../logging/logs.js';
import { MediaCleaner } from '../media-store/media-cleaner.js';
import { MediaLibrary } from '../media-store/media-library.js';
import { MediaWorkspace } from '../media-store/media-workspace.js';
import {
  type ClaimedMedia,
  type MediaOutcome,
  MessageMediaRepository,
} from '../repositories/message-media.repository.js';
import { KeyRing } from '../secrets/key-ring.js';
import { Ticker, type TickSeat } from '../ticker/ticker.js';
import { mediaClaims } from './media-claims.js';
import { download } from './media-download.js';
import { MediaFault } from './media-fault.js';
import { MediaSettings } from './media-settings.js';
import { sourceOf } from './media-sources.js';
import { StorePause } from './store-pause.js';

/** Events after which there may be something to fetch. */
const BRINGING = new Set(['whatsapp:media', 'whatsapp:note']);

/** Fetches the files of received messages in the background, where the worker runs; and removes what nobody needs any more. */
@Injectable()
export class MediaDownloads implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log: Logger;
  private readonly claims: LeasedWork<ClaimedMedia>;
  /** Of the simulated network, which is on this machine; otherwise WhatsApp's hosts alone are called. */
  private readonly origin: string | undefined;
  private readonly egress: EgressFetch;
  private readonly pause: StorePause;
  private seat: TickSeat | undefined;

  constructor(
    repository: MessageMediaRepository,
    private readonly library: MediaLibrary,
    private readonly workspace: MediaWorkspace,
    private readonly cleaner: MediaCleaner,
    private readonly ring: KeyRing,
    private readonly ticker: Ticker,
    private readonly bus: DomainEventBus,
    private readonly settings: MediaSettings,
    private readonly config: AppConfig,
    logs: Logs,
  ) {
    this.log = logs.component('media');
    this.origin = whatsappMediaOrigin(config);
    const inner = this.origin === undefined ? [] : [new URL(this.origin).hostname.replace(/^\[|\]$/g, '')];
    this.egress = new EgressFetch({ isProduction: config.isProduction, egressAllow: inner });
    this.pause = new StorePause(settings.storePause);
    const { downloads, downloadsPerOrganization } = config.media;
    this.claims = mediaClaims(
      repository,
      bus,
      this.log,
      {
        step: 'download',
        atOnce: downloads,
        perOrganization: downloadsPerOrganization,
        leaseMs: settings.leaseMs,
        isOpen: () => this.pause.isOver,
      },
      (claimed, signal) => this.outcomeOf(claimed, signal),
    );
  }

  /** Starts, unless the configuration says that no worker runs here. */
  onApplicationBootstrap(): void {
    if (!hasWorker(this.config)) {
      return;
    }
    this.bus.on('events.committed', (events) => {
      // The event of a note does not say whether it has a file.
      if (events.some(({ name, payload }) => BRINGING.has(name) || 'media' in payload)) {
        this.claims.take();
      }
    });
    this.bus.on('media.step_changed', (step) => step === 'download' && this.claims.take());
    void this.cleaner.sweepWorkspace();
    this.seat = this.ticker.join({
      part: 'media',
      everyMs: this.settings.lookMs,
      ask: () => true,
      answered: ({ download: isDue, expired }) => {
        if (isDue) {
          this.claims.take();
        }
        if (expired) {
          void this.cleaner.run();
        }
      },
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.seat?.leave();
    await this.claims.stop();
    await this.cleaner.settled();
  }

  /** Never rejects. */
  private async outcomeOf(claimed: ClaimedMedia, signal: AbortSignal): Promise<MediaOutcome> {
    try {
      if (!this.config.media.isFetched) {
        throw new MediaFault('media_switched_off', 'skip');
      }
      const fileId = await this.fetch(claimed, signal);
      this.pause.end();
      return { state: 'ready', fileId };
    } catch (error) {
      return this.afterFailure(claimed, error);
    }
  }

  private async fetch(claimed: ClaimedMedia, signal: AbortSignal): Promise<string> {
    const source = await sourceOf(this.ring, claimed);
    const wanted = {
      kind: claimed.kind,
      mediaKey: Buffer.from(source.mediaKey, 'base64'),
      directPath: source.directPath,
      url: source.url,
      encSha256: source.encSha256 === undefined ? undefined : Buffer.from(source.encSha256, 'base64'),
      sha256: claimed.sha256 ?? undefined,
      size: claimed.size ?? undefined,
    };
    const file = await download(wanted, this.egress, this.workspace, {
      maxBytes: this.config.media.maxBytes,
      timeoutMs: this.config.media.downloadMs,
      stallMs: this.settings.stallMs,
      signal,
      origin: this.origin,
    });
    const { id } = await this.library.keep(claimed.organizationId, file, {
      poster: claimed.thumbnail ?? undefined,
    });
    return id;
  }

  private afterFailure(claimed: ClaimedMedia, error: unknown): MediaOutcome {
    if (error === STOPPING) {
      return { state: 'pending', step: 'download', delayMs: 0, isCounted: false };
    }
    const fault = faultOf(error);
    const { messageId, organizationId, attempts, phoneRounds } = claimed;
    this.log.info({ err: error, messageId, organizationId, attempts }, 'file not fetched');
    if (hasCode(error, 'media_store_unavailable', 'media_disk_full', 'database_unavailable')) {
      const delayMs = this.pause.begin();
      return { state: 'pending', step: 'download', delayMs, isCounted: false, error: fault.code };
    }
    if (fault.remedy === 'skip') {
      return { state: 'skipped', error: fault.code };
    }
    if (fault.remedy === 'expired') {
      return phoneRounds < this.settings.maxPhoneRounds
        ? { state: 'pending', step: 'phone', delayMs: 0, error: fault.code }
        : { state: 'expired', error: fault.code };
    }
    return fault.remedy === 'final' || attempts >= this.settings.maxAttempts
      ? { state: 'failed', error: fault.code }
      : { state: 'pending', step: 'download', delayMs: this.delayMs(attempts), error: fault.code };
  }

  private delayMs(attempts: number): number {
    const { baseDelayMs, maxDelayMs } = this.settings;
    const bound = Math.min(baseDelayMs * 2 ** Math.min(attempts, 30), maxDelayMs);
    return new Backoff({ baseMs: bound, maxMs: bound }).nextDelayMs();
  }
}

function faultOf(error: unknown): MediaFault {
  if (error instanceof MediaFault) {
    return error;
  }
  if (hasCode(error, 'media_quota_exceeded')) {
    return new MediaFault('media_quota_exceeded', 'skip');
  }
  if (hasCode(error, 'media_too_large')) {
    return new MediaFault('media_too_large', 'skip');
  }
  return new MediaFault('media_not_stored', 'retry', {
    cause: error instanceof AppError ? error : undefined,
  });
}
