import { Injectable } from '@nestjs/common';
import { hasCode } from '../common/app-error.js';
import { HistoryFault, type HistorySource } from '../common/history.js';
import { AppConfig } from '../config/app-config.js';
import { whatsappMediaOrigin } from '../config/whatsapp-media-origin.js';
import { EgressFetch } from '../egress/egress-fetch.js';
import { HistorySettings } from './history-settings.js';
import { inflated, openHistory, piecesOf } from './history-blob.js';

const WHATSAPP_MEDIA = 'https://mmg.whatsapp.net';
/** The server has it no more. */
const GONE: ReadonlySet<number> = new Set([403, 404, 410]);

/** Gets pieces of history from where they are. */
@Injectable()
export class HistoryFetch {
  private readonly origin: string;
  private readonly egress: EgressFetch;

  constructor(
    private readonly settings: HistorySettings,
    config: AppConfig,
  ) {
    const simulated = whatsappMediaOrigin(config);
    this.origin = simulated ?? WHATSAPP_MEDIA;
    const ownHosts = simulated === undefined ? [] : [new URL(simulated).hostname];
    this.egress = new EgressFetch({
      isProduction: config.isProduction,
      egressAllow: [...config.egressAllow, ...ownHosts],
    });
  }

  /**
   * @returns the bytes of a piece, inflated as they are taken
   * @throws HistoryFault, before the first bytes or among them
   */
  async open(source: HistorySource): Promise<AsyncGenerator<Uint8Array, void, undefined>> {
    const { maxInflatedBytes } = this.settings;
    if ('inline' in source) {
      return inflated(piecesOf(source.inline), maxInflatedBytes);
    }
    const encrypted = await this.download(source.directPath);
    return inflated(openHistory(encrypted, source.mediaKey, source.encSha256), maxInflatedBytes);
  }

  /** The host is WhatsApp's own, whatever the path says: it is appended to it, and never a URL of its own. */
  private async download(directPath: string): Promise<Buffer> {
    const { downloadMs: timeoutMs, maxBytes } = this.settings;
    const url = new URL(`${this.origin}${directPath}`);
    if (url.origin !== this.origin) {
      throw new HistoryFault('no_source', true);
    }
    let answer;
    try {
      answer = await this.egress.fetch(url.href, { timeoutMs, maxBytes });
    } catch (cause) {
      throw hasCode(cause, 'egress_answer_too_large')
        ? new HistoryFault('too_large', true, { cause })
        : new HistoryFault('not_reachable', false, { cause });
    }
    if (answer.status !== 200) {
      throw GONE.has(answer.status)
        ? new HistoryFault('expired', true)
        : new HistoryFault(`http_${answer.status}`, false);
    }
    return answer.body;
  }
}
