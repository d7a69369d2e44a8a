import { Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Socket } from 'socket.io';
import { AppError } from '../common/app-error.js';
import { AppConfig } from '../config/app-config.js';
import { type NoPlace, type PlaceBound, Places, type PlaceSeeker } from '../limits/places.js';
import { Logs } from '../logging/logs.js';

/** Who has as many as it may, and what to set for more. */
const OWNERS: Readonly<Record<Exclude<PlaceBound, 'process'>, [who: string, variable: string]>> = {
  key: ['This key', 'SOCKETS_PER_KEY'],
  user: ['This user', 'SOCKETS_PER_USER'],
  organization: ['This organization', 'SOCKETS_PER_ORGANIZATION'],
  address: ['This address', 'CONNECTIONS_PER_ADDRESS'],
};

/** Bounds the open sockets of this process, by whose they are. */
@Injectable()
export class SocketPlaces {
  private readonly log: Logger;
  private readonly places: Places;

  constructor({ sockets }: AppConfig, logs: Logs) {
    this.log = logs.component('realtime');
    this.places = new Places(sockets);
  }

  /**
   * Gives a socket a place for as long as its connection is open.
   * @throws AppError `too_many_sockets` where the caller or its organization has as many as it may
   * @throws AppError `too_many_connections` where this process has none left for its kind
   */
  keep({ conn }: Socket, seeker: PlaceSeeker): void {
    const taken = this.places.take(seeker);
    if (typeof taken !== 'function') {
      this.tell(taken, seeker);
      throw refusal(taken);
    }
    conn.once('close', taken);
    if (conn.readyState !== 'open') {
      taken();
    }
  }

  private tell({ boundedBy, bound, isFirst }: NoPlace, { principal }: PlaceSeeker): void {
    if (isFirst) {
      this.log.warn(
        { boundedBy, bound, caller: principal?.id },
        'sockets are refused: as many are open as may be',
      );
    }
  }
}

function refusal({ boundedBy, bound }: NoPlace): AppError {
  if (boundedBy === 'process') {
    return new AppError('too_many_connections');
  }
  const [who, variable] = OWNERS[boundedBy];
  return new AppError('too_many_sockets', {
    message: `${who} has ${bound} sockets open at this process, as many as it may: close those that are not needed, or share one among several listeners. An operator raises ${variable}.`,
  });
}
