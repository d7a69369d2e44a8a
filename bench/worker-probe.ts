import { processProbe } from './process-probe.js';
import { serveParent } from './rpc.js';

/** To be preloaded, after the hooks, into a built process that is measured as it is. */
serveParent(processProbe());
