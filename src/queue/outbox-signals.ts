import { NodeSignals } from './node-signals.js';

/**
 * Tells the processes that share a database that a message of an instance was stored for which no caller waits: whoever runs the
 * instance sends it. May be lost: a new connection, and a look every minute, take up what is stored.
 */
export abstract class OutboxSignals extends NodeSignals {}
