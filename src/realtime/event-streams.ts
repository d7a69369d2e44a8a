import { type BeforeApplicationShutdown, Injectable, type OnModuleInit } from '@nestjs/common';
import { holdsAll } from '../auth/grants.js';
import type { Principal } from '../auth/principal.js';
import { AppError } from '../common/app-error.js';
import { AppConfig } from '../config/app-config.js';
import { clientAddress, type ProxyTrust, proxyTrust, type Sender } from '../http/client-address.js';
import { CallerWatch, type StayingCaller } from './caller-watch.js';
import type { EventReader } from './event-reader.js';
import { mayNotListen, tokenIsOver } from './socket-access.js';
import { StoredEventsRelay } from './stored-events.relay.js';
import { StreamPlaces } from './stream-places.js';

/** Who wants to hear what, over HTTP. */
export interface Listener {
  principal: Principal;
  /** The call. */
  sender: Sender;
  organizationId: string;
}

/** One that is open. */
export interface OpenStream {
  reader: EventReader;
  /** Aborted with an `AppError` when it may not, or can not, go on; with anything else when the client left. */
  signal: AbortSignal;
}

interface Staying extends StayingCaller {
  end(reason: AppError): void;
}

/** Lets callers hear events over HTTP as sockets do: bounded in number, for as long as they may, and while the service runs. */
@Injectable()
export class EventStreams implements OnModuleInit, BeforeApplicationShutdown {
  private readonly open = new Set<Staying>();
  private isStopping = false;
  private readonly trust: ProxyTrust;

  constructor(
    private readonly relay: StoredEventsRelay,
    private readonly places: StreamPlaces,
    private readonly callers: CallerWatch,
    config: AppConfig,
  ) {
    this.trust = proxyTrust(config);
  }

  onModuleInit(): void {
    this.callers.watch(() => [...this.open]);
  }

  beforeApplicationShutdown(): void {
    this.isStopping = true;
    this.open.forEach((stream) => stream.end(stopping()));
  }

  /**
   * @param after sequence of the last event that the caller has; undefined: from now on
   * @param gone aborted when the client leaves
   * @param use reads the stream; it is over when this is
   * @returns what `use` gives
   * @throws AppError `too_many_streams`, and what `use` throws
   */
  async hold<T>(
    listener: Listener,
    { after, gone }: { after: number | undefined; gone: AbortSignal },
    use: (stream: OpenStream) => Promise<T>,
  ): Promise<T> {
    const { organizationId } = listener;
    const ending = new AbortController();
    const giveBack = this.places.take(listener.principal, clientAddress(listener.sender, this.trust));
    const staying = stay(listener, (reason) => ending.abort(reason));
    this.open.add(staying);
    try {
      if (this.isStopping) {
        throw stopping();
      }
      if (!this.relay.hasPlaceFor(organizationId)) {
        throw new AppError('too_many_streams', { message: 'This process serves too many organizations.' });
      }
      const reader = await this.relay.read(organizationId, after);
      try {
        return await use({ reader, signal: AbortSignal.any([ending.signal, gone]) });
      } finally {
        reader.close();
      }
    } finally {
      this.open.delete(staying);
      giveBack();
    }
  }
}

function stay({ principal, organizationId }: Listener, end: (reason: AppError) => void): Staying {
  const staying = {
    principal,
    end,
    apply: async (now: Principal | null) => {
      if (now === null) {
        end(tokenIsOver());
      } else if (holdsAll(now, organizationId, ['read'])) {
        staying.principal = now;
      } else {
        end(mayNotListen(organizationId));
      }
    },
  };
  return staying;
}

function stopping(): AppError {
  return new AppError('shutting_down', { message: 'The service is stopping.' });
}
