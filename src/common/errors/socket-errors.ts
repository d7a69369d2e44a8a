import type { ErrorEntry } from './error-entry.js';

/** Of sockets alone; what they ask for besides fails with the same codes as a call. */
export const SOCKET_ERRORS = {
  unknown_event: {
    status: 400,
    channel: 'socket',
    sentence: 'There is no such event.',
    when: 'The socket sent an event that the service does not know; the sentence lists those that it does.',
  },
  invalid_organization_id: {
    status: 400,
    channel: 'socket',
    sentence: 'Send the organization id as a string: 1 to 64 characters out of A-Z, a-z, 0-9, _ and -.',
    when: '`join-organization`, `leave-organization` or `show-activity` came with something else than an id.',
  },
  too_many_organizations: {
    status: 409,
    channel: 'socket',
    sentence: 'This socket listens to too many organizations.',
    when: 'The socket has joined 100 organizations, or the process serves as many as it can: leave some, or open another socket.',
  },
  replay_ended: {
    status: 409,
    channel: 'socket',
    sentence: 'The replay was ended: the socket left the organization, or joined it once more.',
    when: '`leave-organization` or another `join-organization` came before the replay of this one was over; what was told until then was in order.',
  },
  too_slow: {
    status: 408,
    channel: 'socket',
    sentence: 'Events come faster than they are read: connect again, and go on after the last one that came.',
    when: 'More than 2000 packets or 8 MB waited for the socket, or it (or an event stream) took nothing for 30 s. Nothing is lost: join again with `after`.',
  },
  too_many_sockets: {
    status: 429,
    channel: 'socket',
    sentence: 'As many sockets are open as may be: close those that are not needed.',
    when: 'The key, the user, the organization or the address has as many sockets as it may: close some, or share one.',
  },
  too_many_connections: {
    status: 503,
    channel: 'socket',
    sentence: 'This process serves as many sockets as it can; try again later, or at another one.',
    when: 'The process is full: connect to another one, or raise `SOCKETS_PER_PROCESS`.',
  },
} as const satisfies Record<string, ErrorEntry>;
