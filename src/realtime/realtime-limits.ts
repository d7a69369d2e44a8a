/** Largest packet that a client may send. */
export const MAX_PACKET_BYTES = 100 * 1024;

/** How many organizations one socket may listen to. */
export const MAX_ORGANIZATIONS_PER_SOCKET = 100;

/** How many organizations the sockets of one process listen to together. */
export const MAX_ORGANIZATIONS = 20_000;

/** Packets that wait for a client that does not read; past this it is disconnected, and goes on with `after`. */
export const MAX_WAITING_PACKETS = 2_000;

/** The same in characters: a message may be long. */
export const MAX_WAITING_LENGTH = 8 * 1024 * 1024;

/** How long a connection may take to join the namespace, i.e. to say who it is. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** Connections that have not said who they are, of all addresses and of each: past this some of them are closed. */
export const MAX_UNKNOWN_CONNECTIONS = { total: 500, perAddress: 200 };

/** How long a reader may take nothing of what was sent, before it is ended: a socket that catches up, a stream. */
export const MAX_STALL_MS = 30_000;
