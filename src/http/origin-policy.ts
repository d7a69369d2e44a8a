import type { NextFunction, Request, Response } from 'express';
import { AppError } from '../common/app-error.js';
import type { AppConfig } from '../config/app-config.js';

const LOOPBACK_HOST = /^(localhost|([a-z0-9-]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Which web pages may call. CORS alone protects answers, not effects: a page may send a POST or open a WebSocket without
 * asking first. So such calls are refused by their `Origin`, which programs other than browsers do not send.
 */
export class OriginPolicy {
  private readonly origins: ReadonlySet<string>;
  private readonly isAnyAllowed: boolean;
  private readonly isOpen: boolean;

  constructor(config: Pick<AppConfig, 'corsOrigins' | 'authMode'>) {
    this.origins = new Set(config.corsOrigins);
    this.isAnyAllowed = this.origins.has('*');
    this.isOpen = config.authMode === 'open';
  }

  /**
   * @param origin the `Origin` header, if any
   * @param host the `Host` header, if any
   * @returns whether a page of that origin may call: configured, or served by this service itself
   */
  allowsOrigin(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined || this.isAnyAllowed || this.origins.has(origin)) {
      return true;
    }
    return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
  }

  /**
   * A service without authentication is guarded by listening on loopback alone. A page whose own name was made to resolve
   * to 127.0.0.1 (DNS rebinding) gets round that, and shows itself by that name.
   * @param host the `Host` header
   */
  allowsHost(host: string | undefined): boolean {
    return !this.isOpen || host === undefined || LOOPBACK_HOST.test(host) || this.isConfiguredHost(host);
  }

  /** Middleware that refuses what the rules above refuse. */
  readonly guard = (request: Request, _response: Response, next: NextFunction): void => {
    const { host, origin } = request.headers;
    if (!this.allowsHost(host)) {
      next(new AppError('host_not_allowed'));
    } else if (!SAFE_METHODS.has(request.method) && !this.allowsOrigin(origin, host)) {
      next(new AppError('origin_not_allowed'));
    } else {
      next();
    }
  };

  private isConfiguredHost(host: string): boolean {
    return this.origins.has(`http://${host}`) || this.origins.has(`https://${host}`);
  }
}
