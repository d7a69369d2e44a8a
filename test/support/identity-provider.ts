import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Signs tokens as an identity provider would, and as attackers do, from the bytes up: no library decides what may be said. */
export function tokenOf(
  header: Record<string, unknown>,
  claims: Record<string, unknown>,
  signature: (signed: string) => Buffer,
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ typ: 'JWT', ...header })}.${part(claims)}`;
  return `${signed}.${signature(signed).toString('base64url')}`;
}

let issuer: string | undefined;

/** @param name in tokens from now on: with a Supabase project the service takes those of that project alone */
export function tokensAreIssuedBy(name: string): void {
  issuer = name;
}

/** What a token of a user who has just logged in says. */
export function claimsOf(userId: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    sub: userId,
    aud: 'authenticated',
    role: 'authenticated',
    iat: now,
    exp: now + 600,
    ...(issuer !== undefined && { iss: issuer }),
    ...changes,
  };
}

export const hmac =
  (secret: string | Buffer) =>
  (signed: string): Buffer =>
    createHmac('sha256', secret).update(signed).digest();

/** A provider with public keys, on a free port of this machine. */
export class IdentityProvider {
  readonly rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly rsaId: string = randomUUID();
  readonly ecId: string = randomUUID();
  /** What it answers instead of its keys, while it is broken. */
  brokenStatus: number | undefined;
  fetches = 0;
  private extra: object[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (_request, response) => {
      this.fetches += 1;
      response.writeHead(this.brokenStatus ?? 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(this.brokenStatus === undefined ? this.keySet() : {}));
    });
  }

  static async start(): Promise<IdentityProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new IdentityProvider(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/jwks.json`;
  }

  /** The public key in the form in which anybody can read it. */
  get rsaPem(): string {
    return this.rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  }

  rs256(
    claims: Record<string, unknown>,
    key: KeyObject = this.rsa.privateKey,
    kid: string = this.rsaId,
  ): string {
    return tokenOf({ alg: 'RS256', kid }, claims, (signed) => sign('sha256', Buffer.from(signed), key));
  }

  es256(claims: Record<string, unknown>): string {
    const { privateKey: key } = this.ec;
    return tokenOf({ alg: 'ES256', kid: this.ecId }, claims, (signed) =>
      sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }),
    );
  }

  /** From now on another key signs, too. @returns signs with it */
  rotate(): (claims: Record<string, unknown>) => string {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const kid = randomUUID();
    this.extra = [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }];
    return (claims) => this.rs256(claims, privateKey, kid);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private keySet(): object {
    const jwk = (key: KeyObject, kid: string, alg: string) => ({
      ...key.export({ format: 'jwk' }),
      kid,
      use: 'sig',
      alg,
    });
    return {
      keys: [
        jwk(this.rsa.publicKey, this.rsaId, 'RS256'),
        jwk(this.ec.publicKey, this.ecId, 'ES256'),
        ...this.extra,
      ],
    };
  }
}
