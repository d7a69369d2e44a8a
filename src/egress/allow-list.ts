import ipaddr from 'ipaddr.js';

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** The operator's own targets, which may be reached although they are not on the open Internet (`OUTSIDE_URLS_ALLOW`). */
export class AllowList {
  private readonly hosts = new Set<string>();
  private readonly networks: Network[] = [];

  /** @param entries host names, addresses and networks in CIDR notation, checked before */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      if (ipaddr.isValidCIDR(entry)) {
        this.networks.push(ipaddr.parseCIDR(entry));
      } else if (ipaddr.isValid(entry)) {
        const address = ipaddr.parse(entry);
        this.networks.push([address, address.kind() === 'ipv4' ? 32 : 128]);
      } else {
        this.hosts.add(entry.toLowerCase());
      }
    }
  }

  /** @param host as `URL.hostname` has it, without brackets: a name, or an address */
  hasHost(host: string): boolean {
    return this.hosts.has(host) || this.hasAddress(host);
  }

  hasAddress(text: string): boolean {
    if (!ipaddr.isValid(text)) {
      return false;
    }
    const address = ipaddr.parse(text);
    return this.networks.some((network) => network[0].kind() === address.kind() && address.match(network));
  }
}
