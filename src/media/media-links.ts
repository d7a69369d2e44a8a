import { Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import type { OrganizationScope } from '../common/organization-scope.js';
import { SecretBox } from '../common/secret-box.js';

/** Long enough to look at a film, short enough to be worthless in a history of a browser. */
const LIFE_MS = 60 * 60_000;
const CONTEXT = ['media-link'];

/** What a link leads to. */
export interface LinkedMedia {
  scope: OrganizationScope;
  messageId: string;
}

/**
 * Addresses of single files for programs that can send no token, such as the player of a browser, which reads a film part by part. Sealed
 * instead of stored: nothing is kept of them, every process opens them, and they end by themselves.
 */
@Injectable()
export class MediaLinks {
  constructor(private readonly box: SecretBox) {}

  /**
   * @param scope of the caller, who may read the file
   * @returns the path with its secret, and until when it leads to the file
   */
  make({ scope, messageId }: LinkedMedia, now = Date.now()): { url: string; expiresAt: Date } {
    const expiresAt = now + LIFE_MS;
    const sealed = this.box.seal(Buffer.from(JSON.stringify({ scope, messageId, expiresAt })), CONTEXT);
    return { url: `/api/media-link?token=${sealed.toString('base64url')}`, expiresAt: new Date(expiresAt) };
  }

  /** @throws AppError `media_link_invalid` for what is none, or is over */
  open(token: string, now = Date.now()): LinkedMedia {
    const { scope, messageId, expiresAt } = this.read(token);
    if (expiresAt <= now) {
      throw new AppError('media_link_invalid');
    }
    return { scope, messageId };
  }

  private read(token: string): LinkedMedia & { expiresAt: number } {
    try {
      const text = this.box.open(Buffer.from(token, 'base64url'), CONTEXT).toString('utf8');
      return JSON.parse(text) as LinkedMedia & { expiresAt: number };
    } catch {
      throw new AppError('media_link_invalid');
    }
  }
}
