import { Bookings } from './areas/bookings.js';
import { Contacts } from './areas/contacts.js';
import { Conversations } from './areas/conversations.js';
import { Groups } from './areas/groups.js';
import { Instances } from './areas/instances.js';
import { Messages } from './areas/messages.js';
import { Notes } from './areas/notes.js';
import { Webhooks } from './areas/webhooks.js';
import { Calls } from './calls.js';
import type { CallOptions, ClientOptions } from './client-options.js';
import { EventFeed } from './events/event-feed.js';
import type { EventsOptions } from './events/events-options.js';
import type { Me } from './schemas.js';
import { Uploads } from './uploads.js';

/** The service, as applications use it. `GET`, `POST` … call any of its operations; the rest makes the usual ones short. */
export class AuzapClient extends Calls {
  readonly instances = new Instances(this);
  readonly messages = new Messages(this);
  readonly conversations = new Conversations(this);
  readonly contacts = new Contacts(this);
  readonly bookings = new Bookings(this);
  readonly notes = new Notes(this);
  readonly groups = new Groups(this);
  readonly webhooks = new Webhooks(this);
  readonly media = new Uploads(this);

  /** @returns who the token is, and what it may do */
  async me(options: CallOptions = {}): Promise<Me> {
    const { data } = await this.GET('/api/me', { ...options });
    return data.me;
  }

  /** @returns the events of an organization, from a place on or from now on */
  events(options: EventsOptions = {}): EventFeed {
    return new EventFeed(this, options);
  }
}

/**
 * @param options.url where the service is; in a browser a path of the page's own origin will do
 * @throws TypeError for a URL that is none
 */
export function createClient(options: ClientOptions): AuzapClient {
  const { location } = globalThis as { location?: { href: string } };
  const url = new URL(options.url, location?.href);
  return new AuzapClient({ ...options, url: url.href.replace(/\/$/, '') });
}
