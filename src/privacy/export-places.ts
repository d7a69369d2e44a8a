import { Injectable } from '@nestjs/common';
import type { Principal } from '../auth/principal.js';
import { HttpFault } from '../http/http-fault.js';
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
   * @throws HttpFault `too_many_exports`
   */
  take(principal: Principal): () => void {
    const taken = this.places.take({ principal, address: '' });
    if (typeof taken !== 'function') {
      throw new HttpFault(
        429,
        'too_many_exports',
        `${taken.bound} exports are being read already; read them to their end, and try again.`,
        { headers: { 'Retry-After': '5' } },
      );
    }
    return taken;
  }
}
