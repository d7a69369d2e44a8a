import { Injectable } from '@nestjs/common';
import { AppError } from '../common/app-error.js';
import type { Principal } from '../auth/principal.js';
import { Places } from '../limits/places.js';

/** Of one key or user, and of an organization, at a time: each has a page of the database in memory until it is read. */
const PER_ORGANIZATION = 3;
/** Of all, some of which administrators always find. */
const TOTAL = 20;
const RESERVED = 2;

/** Bounds the exports that are written at a time in this process. */
@Injectable()
export class ExportPlaces {
  private readonly places = new Places({
    key: PER_ORGANIZATION,
    user: PER_ORGANIZATION,
    organization: PER_ORGANIZATION,
    address: PER_ORGANIZATION,
    total: TOTAL,
    reserved: RESERVED,
  });

  /**
   * @returns gives the place back
   * @throws AppError `too_many_exports`
   */
  take(principal: Principal): () => void {
    const taken = this.places.take({ principal, address: '' });
    if (typeof taken !== 'function') {
      throw new AppError('too_many_exports', {
        message: `${taken.bound} exports are being read already; read them to their end, and try again.`,
      });
    }
    return taken;
  }
}
