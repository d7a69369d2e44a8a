import { Injectable } from '@nestjs/common';
import type { Principal } from '../auth/principal.js';
import { AppError } from '../common/app-error.js';
import { Places, WHO_HAS } from '../limits/places.js';

const BOUNDS = { key: 50, user: 20, organization: 100, address: 500, total: 1_000, reserved: 20 };

/** Bounds the streams of events that are open, and the polls that wait, in this process, by whose they are. */
@Injectable()
export class StreamPlaces {
  private readonly places = new Places(BOUNDS);

  /**
   * @returns gives the place back
   * @throws AppError `too_many_streams`
   */
  take(principal: Principal, address: string): () => void {
    const taken = this.places.take({ principal, address });
    if (typeof taken === 'function') {
      return taken;
    }
    throw new AppError('too_many_streams', {
      message: `${WHO_HAS[taken.boundedBy]} ${taken.bound} event streams and waiting calls open at this process, as many as may be: share one among several listeners.`,
    });
  }
}
