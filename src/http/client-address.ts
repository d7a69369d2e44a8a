import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import proxyaddr from 'proxy-addr';
import type { AppConfig } from '../config/app-config.js';

/** Whether to believe what an address says about the one before it; the hop counts from 0, who connects to us. */
export type ProxyTrust = (address: string, hop: number) => boolean;

/** One subscriber has all of these 64 bits to choose from. */
const IPV6_PREFIX_GROUPS = 4;

/** `203.0.113.7:4711` and `[2001:db8::1]:4711`, as some proxies write it. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d+)?$/;

/** @returns the rule that `TRUST_PROXY` stands for; for Express, too */
export function proxyTrust({ trustProxy }: Pick<AppConfig, 'trustProxy'>): ProxyTrust {
  if (trustProxy === undefined) {
    return () => false;
  }
  return typeof trustProxy === 'number'
    ? (_address, hop) => hop < trustProxy
    : proxyaddr.compile([...trustProxy]);
}

/** What tells of a caller: an HTTP request, or what is remembered of a socket's handshake. */
export interface Sender {
  headers: IncomingHttpHeaders;
  socket: { remoteAddress?: string | undefined };
}

/**
 * @returns the address of who sent a request: behind trusted proxies the first that is none of them; of who connected, where
 * that is no address; `unknown`, where neither is
 */
export function senderAddress({ headers, socket }: Sender, trust: ProxyTrust): string {
  const remoteAddress = socket.remoteAddress ?? '';
  // All that it reads of a request.
  const request = { headers, socket: { remoteAddress } } as IncomingMessage;
  return addressIn(proxyaddr(request, trust)) ?? addressIn(remoteAddress) ?? 'unknown';
}

/** @returns as `senderAddress`, for counting: of IPv6 the network */
export function clientAddress(sender: Sender, trust: ProxyTrust): string {
  return toGroup(senderAddress(sender, trust));
}

/** @returns who is at the other end of a connection, for counting: of IPv6 the network */
export function peerAddress(remoteAddress: string | undefined): string {
  return toGroup(addressIn(remoteAddress ?? '') ?? 'unknown');
}

/** Without the port; of an IPv4 address in IPv6's form the plain one. */
function addressIn(text: string): string | undefined {
  const [, bracketed, plain] = WITH_PORT.exec(text) ?? [];
  const address = bracketed ?? plain ?? text;
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) {
    return address;
  }
  return ipaddr.IPv6.isValid(address) ? ipaddr.process(address).toString() : undefined;
}

function toGroup(address: string): string {
  if (!ipaddr.IPv6.isValid(address)) {
    return address;
  }
  const groups = ipaddr.IPv6.parse(address).parts.slice(0, IPV6_PREFIX_GROUPS);
  return `${groups.map((part) => part.toString(16)).join(':')}::/64`;
}
