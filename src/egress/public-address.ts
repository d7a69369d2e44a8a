import ipaddr from 'ipaddr.js';

/** What the registries have handed out so far: the rest of IPv6 leads nowhere, or somewhere special. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** Public by number, but answered by the cloud's own host: Azure's metadata and agent service. */
const SERVED_BY_THE_CLOUD: ReadonlySet<string> = new Set(['168.63.129.16']);

/**
 * @param address an IP address in its usual notation, as resolvers and `URL.hostname` (without brackets) give it
 * @returns whether it is one of the open Internet: not private, loopback, link-local, shared (CGNAT), multicast, reserved, or an
 *   IPv6 form that carries or stands for an IPv4 address (mapped, NAT64, 6to4, Teredo)
 */
export function isPublicAddress(address: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) {
    return ipaddr.IPv4.parse(address).range() === 'unicast' && !SERVED_BY_THE_CLOUD.has(address);
  }
  if (!ipaddr.IPv6.isValid(address)) {
    return false;
  }
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.range() === 'unicast' && parsed.match(GLOBAL_UNICAST);
}
