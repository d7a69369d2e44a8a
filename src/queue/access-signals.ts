import { NodeSignals } from './node-signals.js';

/**
 * Tells the processes that share a database that somebody may do less than before: a key was revoked, a member removed, an
 * organization closed. The subject is the id of that key, user or organization. May be lost: whoever keeps what a caller may
 * do looks by itself with each tick.
 */
export abstract class AccessSignals extends NodeSignals {}
