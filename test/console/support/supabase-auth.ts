import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { claimsOf, hmac, tokenOf } from '../../support/identity-provider.js';

const PASSWORD = 'correct horse battery staple';

/** What was asked of the provider. */
export interface AuthCall {
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown>;
}

/**
 * Supabase Auth, as far as signing in goes: its paths, answers and refusals, over HTTP. One user has one password; a refresh token works
 * once.
 */
export class FakeSupabaseAuth {
  readonly calls: AuthCall[] = [];
  /** Of the tokens that it gives, in s. */
  lifeSeconds = 3_600;
  /** What it answers to everything, while it is broken; `hang`: nothing. */
  broken: number | 'hang' | undefined;
  private readonly refreshTokens = new Set<string>();
  private given = 0;

  private constructor(
    private readonly server: Server,
    private readonly secret: string,
    readonly user: { id: string; email: string },
  ) {
    server.on('request', (request, response) => {
      void this.answer(request).then(([status, body]) => {
        if (this.broken === 'hang') {
          return;
        }
        response.writeHead(this.broken ?? status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
    });
  }

  /** @param secret that the service checks tokens with */
  static async start(secret: string, user: { id: string; email: string }): Promise<FakeSupabaseAuth> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FakeSupabaseAuth(server, secret, user);
  }

  get password(): string {
    return PASSWORD;
  }

  get jwksUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/auth/v1/.well-known/jwks.json`;
  }

  /** @returns a session, as a link by e-mail brings it */
  session(): { access_token: string; refresh_token: string; expires_in: number } {
    this.given += 1;
    const refreshToken = `refresh-${this.given}`;
    this.refreshTokens.add(refreshToken);
    const now = Math.floor(Date.now() / 1000);
    const claims = claimsOf(this.user.id, { exp: now + this.lifeSeconds, session_id: String(this.given) });
    return {
      access_token: tokenOf({ alg: 'HS256' }, claims, hmac(this.secret)),
      refresh_token: refreshToken,
      expires_in: this.lifeSeconds,
    };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<[number, object]> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString();
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    const path = request.url ?? '';
    this.calls.push({ path, headers: request.headers, body });
    switch (path.split('&')[0]!.replace(/redirect_to=.*/, '')) {
      case '/auth/v1/token?grant_type=password':
        return body['email'] === this.user.email && body['password'] === PASSWORD
          ? [200, this.session()]
          : [400, { code: 400, error_code: 'invalid_credentials', msg: 'Invalid login credentials' }];
      case '/auth/v1/token?grant_type=refresh_token':
        return this.refreshTokens.delete(String(body['refresh_token']))
          ? [200, this.session()]
          : [400, { code: 400, error_code: 'refresh_token_not_found', msg: 'Invalid Refresh Token' }];
      case '/auth/v1/otp?':
        return body['email'] === this.user.email
          ? [200, {}]
          : [422, { code: 422, error_code: 'otp_disabled', msg: 'Signups not allowed for otp' }];
      case '/auth/v1/logout?scope=local':
        return [204, {}];
      default:
        return [404, { msg: 'not found' }];
    }
  }
}
