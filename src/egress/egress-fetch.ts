import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { AppError } from '../common/app-error.js';
import type { AppConfig } from '../config/app-config.js';
import { AllowList } from './allow-list.js';
import { EgressUrlError, type EgressUrlRules, egressUrl } from './egress-url.js';
import { isPublicAddress } from './public-address.js';

/** Finds the addresses of a name, like `dns.promises.lookup` with `all`. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

const MAX_REDIRECTS = 3;

export interface EgressRequest {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT';
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** For the whole exchange, from the first question to the last byte. */
  timeoutMs: number;
  /** Largest answer that is read. */
  maxBytes: number;
}

/** What the other end answered, whatever its status. Redirects are answers like any other: nobody follows them. */
export interface EgressAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/**
 * The only way in which this service calls a URL that a user gave (a webhook, a medium). Such a URL must not reach what the
 * user could not reach: other services of this machine and its network, or the cloud's metadata. The connection goes to the very
 * addresses that were checked, so a name that changes its mind in between gains nothing.
 */
export class EgressFetch {
  private readonly rules: EgressUrlRules;

  /** @param resolve how names become addresses; tests give their own */
  constructor(
    config: Pick<AppConfig, 'isProduction' | 'egressAllow'>,
    private readonly resolve: Resolve = (host) => systemLookup(host, { all: true }),
  ) {
    this.rules = { allow: new AllowList(config.egressAllow), isProduction: config.isProduction };
  }

  /**
   * For the moment at which a user gives a URL; the call itself is checked again.
   * @returns the URL in its normal form
   * @throws EgressUrlError `url_not_allowed`, that says why
   */
  check(url: string): URL {
    return egressUrl(url, this.rules);
  }

  /**
   * Calls a URL once. Compressed answers are not asked for, and not unpacked.
   * @throws EgressUrlError `url_not_allowed`, when the URL or an address of its host is refused
   * @throws AppError `egress_timeout`, `egress_answer_too_large`, `egress_unreachable`
   */
  async fetch(
    target: string,
    { timeoutMs, maxBytes, body, ...options }: EgressRequest,
  ): Promise<EgressAnswer> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await this.send(this.check(target), body, { ...options, signal });
      return {
        status: response.statusCode!,
        headers: response.headers,
        body: await read(response, maxBytes),
      };
    } catch (error) {
      throw toAppError(error, signal.aborted);
    }
  }

  /**
   * Calls a URL once and gives the answer while it comes, for what is too large to be held. Bounds are the caller's, who reads the
   * body to its end or destroys it.
   * @param signal ends all of it, the body too
   * @throws EgressUrlError `url_not_allowed`, when the URL or an address of its host is refused
   * @throws AppError `egress_timeout` when the signal ended it, `egress_unreachable`
   */
  async open(
    target: string,
    {
      signal,
      body,
      ...options
    }: Pick<EgressRequest, 'method' | 'headers' | 'body'> & { signal: AbortSignal },
  ): Promise<IncomingMessage> {
    try {
      return await this.send(this.check(target), body, { ...options, signal });
    } catch (error) {
      throw toAppError(error, signal.aborted);
    }
  }

  /**
   * As `open`; redirects are followed, each checked as the URL itself.
   * @returns the last answer, and where it came from
   * @throws AppError as `open`; `egress_unreachable` also where it leads nowhere, or on too often
   */
  async openFollowing(
    target: string,
    options: { headers?: Record<string, string>; signal: AbortSignal },
  ): Promise<{ answer: IncomingMessage; url: string }> {
    let url = target;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const answer = await this.open(url, options);
      const { statusCode = 0, headers } = answer;
      if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) {
        return { answer, url };
      }
      answer.destroy();
      const next = URL.parse(headers.location, url);
      if (next === null) {
        throw new AppError('egress_unreachable', {
          message: 'The address leads to none that can be called.',
        });
      }
      url = next.href;
    }
    throw new AppError('egress_unreachable', { message: 'The address leads on too often.' });
  }

  private send(
    url: URL,
    body: string | Buffer | undefined,
    { method = 'GET', headers, signal }: Pick<EgressRequest, 'method' | 'headers'> & { signal: AbortSignal },
  ): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    const options: RequestOptions = {
      method,
      headers: { 'accept-encoding': 'identity', ...headers },
      signal,
      // No shared agent: a connection is not used again for another call, nor led through a proxy of the environment.
      agent: false,
      lookup: this.lookup,
    };
    const outgoing = request(url, options, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
    return promise;
  }

  /** What the socket asks before it connects: it gets addresses that may be called, or an error. */
  private readonly lookup: LookupFunction = (host, options, callback) => {
    callbackify(() => this.checkedAddresses(host))((error, addresses) => {
      if (error) {
        callback(error, '', 0);
      } else if (options.all === true) {
        callback(null, addresses);
      } else {
        callback(null, addresses[0]!.address, addresses[0]!.family);
      }
    });
  };

  /** One address that may not be called spoils the name: honest ones do not mix. */
  private async checkedAddresses(host: string): Promise<LookupAddress[]> {
    const addresses = await this.resolve(host);
    const { allow } = this.rules;
    const isAllowed = ({ address }: LookupAddress) => isPublicAddress(address) || allow.hasAddress(address);
    if (addresses.length === 0) {
      throw new AppError('egress_unreachable', { message: 'The host has no address.' });
    }
    if (!allow.hasHost(host) && !addresses.every(isAllowed)) {
      throw new EgressUrlError('The URL must lead to a public address.');
    }
    return addresses;
  }
}

async function read(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new AppError('egress_answer_too_large', {
        message: `The answer is larger than ${maxBytes} bytes.`,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toAppError(error: unknown, isLate: boolean): AppError {
  if (error instanceof AppError) {
    return error;
  }
  return isLate ? new AppError('egress_timeout') : new AppError('egress_unreachable', { cause: error });
}
