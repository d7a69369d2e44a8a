import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppError } from '../common/app-error.js';
import { FairSemaphore } from '../common/fair-semaphore.js';
import type { OutgoingLinkPreview } from '../common/outgoing-content.js';
import { withTimeout } from '../common/with-timeout.js';
import { AppConfig } from '../config/app-config.js';
import { EgressFetch } from '../egress/egress-fetch.js';
import { makeThumbnail } from '../media-store/pictures.js';
import { firstLink } from './link-in-text.js';
import { LinkPreviewSettings } from './link-preview-settings.js';
import { type PageFacts, PageReader } from './page-facts.js';

type KnownPreview = Omit<OutgoingLinkPreview, 'matchedText'>;

/** Pages tell more to whom they know; this is who we are. */
const HEADERS = { 'user-agent': 'Mozilla/5.0 (compatible; auzap-whatsapp; link preview)' };
const PAGE = /^(?:text\/html|application\/xhtml\+xml)\b/i;
const PICTURE = /^image\//i;

/** Makes previews of links by the guarded way out, in bounded time: where there is none, a text goes without. */
@Injectable()
export class LinkPreviews {
  private readonly known: LRUCache<string, { preview: KnownPreview | undefined }>;
  private readonly turns: FairSemaphore;

  constructor(
    private readonly egress: EgressFetch,
    private readonly settings: LinkPreviewSettings,
    private readonly config: AppConfig,
  ) {
    const { keptBytes, keepMs, atOnce, atOnceOfOne } = settings;
    this.turns = new FairSemaphore(atOnce, atOnceOfOne);
    this.known = new LRUCache({
      maxSize: keptBytes,
      ttl: keepMs,
      sizeCalculation: ({ preview }, key) => JSON.stringify(preview ?? null).length + key.length,
    });
  }

  /**
   * @param asked what the caller says about it; undefined leaves it to the configuration
   * @returns the link that a preview is to be made of; undefined: none
   */
  linkOf(text: string, asked: boolean | undefined): string | undefined {
    const { linkPreviews } = this.config;
    const isWanted = linkPreviews === 'on' ? asked !== false : linkPreviews === 'ask' && asked === true;
    return isWanted ? firstLink(text) : undefined;
  }

  /** Never rejects, and never takes longer than the bound. @returns undefined where there is nothing to show */
  async of(organizationId: string, link: string): Promise<OutgoingLinkPreview | undefined> {
    const key = `${organizationId} ${link}`;
    const known = this.known.get(key);
    const preview = known ? known.preview : await this.make(organizationId, key, link);
    return preview && { matchedText: link, ...preview };
  }

  private async make(organizationId: string, key: string, link: string): Promise<KnownPreview | undefined> {
    const { timeoutMs } = this.settings;
    const signal = AbortSignal.timeout(timeoutMs);
    let hasBegun = false;
    const read = () => {
      hasBegun = true;
      return this.read(organizationId, link, signal);
    };
    // Even where what is called does not heed the signal.
    const making = withTimeout(this.turns.run(organizationId, read, signal), timeoutMs);
    const preview = await making.catch(() => undefined);
    if (hasBegun) {
      this.known.set(key, { preview });
    }
    return preview;
  }

  private async read(
    organizationId: string,
    link: string,
    signal: AbortSignal,
  ): Promise<KnownPreview | undefined> {
    const { answer, url } = await this.egress.openFollowing(link, { signal, headers: HEADERS });
    const { title, description, picture } = await this.pageOf(answer);
    if (title === undefined) {
      return undefined;
    }
    const bytes = picture === undefined ? undefined : await this.pictureOf(picture, url, signal);
    const { pictureSize } = this.settings;
    const thumbnail = bytes && (await makeThumbnail(organizationId, bytes, pictureSize))?.toString('base64');
    return { title, ...(description && { description }), ...(thumbnail && { thumbnail }) };
  }

  private async pageOf(answer: IncomingMessage): Promise<PageFacts> {
    const reader = new PageReader();
    try {
      const decoder = new TextDecoder(charsetOf(assertIs(PAGE, answer)));
      let size = 0;
      for await (const piece of answer as AsyncIterable<Buffer>) {
        size += piece.length;
        reader.write(decoder.decode(piece, { stream: true }));
        if (reader.isDone || size >= this.settings.maxPageBytes) {
          break;
        }
      }
    } finally {
      answer.destroy();
    }
    return reader.facts();
  }

  /** A page without its picture is still one. */
  private async pictureOf(named: string, page: string, signal: AbortSignal): Promise<Buffer | undefined> {
    try {
      const href = URL.parse(named, page)?.href ?? '';
      const { answer } = await this.egress.openFollowing(href, { signal, headers: HEADERS });
      try {
        assertIs(PICTURE, answer);
        return await bodyOf(answer, this.settings.maxPictureBytes);
      } finally {
        answer.destroy();
      }
    } catch {
      return undefined;
    }
  }
}

/** @returns the type that the answer says it is of */
function assertIs(type: RegExp, { statusCode, headers }: IncomingMessage): string {
  const { 'content-type': said = '', 'content-encoding': encoding = 'identity' } = headers;
  if (statusCode !== 200 || !type.test(said) || encoding !== 'identity') {
    throw new AppError('egress_unreachable');
  }
  return said;
}

function charsetOf(type: string): string {
  const named = /charset="?([\w-]+)/i.exec(type)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(named).encoding;
  } catch {
    return 'utf-8';
  }
}

async function bodyOf(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBytes) {
      throw new AppError('egress_answer_too_large');
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
