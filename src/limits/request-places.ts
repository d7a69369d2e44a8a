import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { AppError } from '../common/app-error.js';
import { AppConfig } from '../config/app-config.js';
import { Logs } from '../logging/logs.js';
import { type NoPlace, Places, type PlaceSeeker, WHO_HAS } from './places.js';

/**
 * Bounds the requests that are under way in this process, by whose they are: until all of the answer is sent, so that bodies that
 * come slowly, calls that wait and answers that are not read are counted alike.
 */
@Injectable()
export class RequestPlaces {
  private readonly log: Logger;
  private readonly places: Places;

  constructor({ requests }: AppConfig, logs: Logs) {
    this.log = logs.component('limits');
    this.places = new Places(requests);
  }

  /**
   * Gives a request a place until it is answered, or its connection is gone.
   * @throws AppError `too_many_concurrent_requests`
   */
  keep(response: ServerResponse, seeker: PlaceSeeker): void {
    const taken = this.places.take(seeker);
    if (typeof taken !== 'function') {
      this.tell(taken, seeker);
      throw refusal(taken);
    }
    response.once('close', taken);
    if (response.closed) {
      taken();
    }
  }

  private tell({ boundedBy, bound, isFirst }: NoPlace, { principal, address }: PlaceSeeker): void {
    if (isFirst) {
      const caller = principal?.id ?? address;
      this.log.warn({ boundedBy, bound, caller }, 'requests are refused: as many are under way as may be');
    }
  }
}

function refusal({ boundedBy, bound }: NoPlace): AppError {
  return new AppError('too_many_concurrent_requests', {
    message: `${WHO_HAS[boundedBy]} ${bound} requests under way at this process, as many as may be: wait for answers before you send more.`,
  });
}
