import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppError } from '../common/app-error.js';
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
  private underWay = 0;

  constructor(
    private readonly egress: EgressFetch,
    private readonly settings: LinkPreviewSettings,
    private readonly config: AppConfig,
  ) {
    const { keptBytes, keepMs } = settings;
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
    const preview = known ? known.preview : await this.make(key, link);
    return preview && { matchedText: link, ...preview };
  }

  private async make(key: string, link: string): Promise<KnownPreview | undefined> {
    const { atOnce, timeoutMs } = this.settings;
    if (this.underWay >= atOnce) {
      return undefined;
    }
    this.underWay += 1;
    const signal = AbortSignal.timeout(timeoutMs);
    // Even where what is called does not heed the signal.
    const making = this.read(link, signal).finally(() => (this.underWay -= 1));
    try {
      const preview = await withTimeout(making, timeoutMs);
      this.known.set(key, { preview });
      return preview;
    } catch {
      this.known.set(key, { preview: undefined });
      return undefined;
    }
  }

  private async read(link: string, signal: AbortSignal): Promise<KnownPreview | undefined> {
    const { answer, url } = await this.egress.openFollowing(link, { signal, headers: HEADERS });
    const { title, description, picture } = await this.pageOf(answer);
    if (title === undefined) {
      return undefined;
    }
    const thumbnail = picture === undefined ? undefined : await this.pictureOf(picture, url, signal);
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
  private async pictureOf(named: string, page: string, signal: AbortSignal): Promise<string | undefined> {
    const { maxPictureBytes, pictureSize } = this.settings;
    try {
      const href = URL.parse(named, page)?.href ?? '';
      const { answer } = await this.egress.openFollowing(href, { signal, headers: HEADERS });
      try {
        assertIs(PICTURE, answer);
        const bytes = await bodyOf(answer, maxPictureBytes);
        return (await makeThumbnail(bytes, pictureSize))?.toString('base64');
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
