import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup, Resolver } from 'node:dns/promises';
import type { AllowList } from './allow-list.js';
import type { Resolve } from './egress-fetch.js';

/** Of one question, in ms, and how often it is asked. */
const ASKED_MS = 2_000;
const TRIES = 2;

/**
 * Finds addresses by asking the name servers of the system itself. The usual way holds one of the process's few threads until there is
 * an answer, so that names whose servers keep silent hold up everybody else's, and files with them. Names of the operator's own, which
 * other means than name servers may know, are found as usual.
 * @param servers to ask instead; left out, the system's
 */
export function askNameServers(allow: AllowList, servers?: readonly string[]): Resolve {
  const resolver = new Resolver({ timeout: ASKED_MS, tries: TRIES });
  if (servers) {
    resolver.setServers(servers);
  }
  return async (host) => {
    if (allow.hasHost(host)) {
      return systemLookup(host, { all: true });
    }
    const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const found: LookupAddress[] = [ipv4, ipv6].flatMap((answer, index) =>
      answer.status === 'fulfilled'
        ? answer.value.map((address) => ({ address, family: index === 0 ? 4 : 6 }))
        : [],
    );
    if (found.length === 0 && ipv4.status === 'rejected') {
      throw ipv4.reason;
    }
    return found;
  };
}
