import { Injectable } from '@nestjs/common';
import { ApiKeyHasher } from '../auth/api-key-hasher.js';
import { API_KEY_BYTES, drawApiKey, type DrawnKey } from '../auth/api-key-text.js';
import { holdsAll } from '../auth/grants.js';
import type { Permission, Principal } from '../auth/principal.js';
import { AppError } from '../common/app-error.js';
import { AccessSignals } from '../queue/access-signals.js';
import type { ApiKey, ApiKeyScope, KeysLeft, KeysMade } from '../repositories/api-key.js';
import { ApiKeysRepository } from '../repositories/api-keys.repository.js';
import { drawNonce, type Made, once } from '../repositories/once.js';
import type { CreateAdminApiKeyDto } from './dto/create-admin-api-key.dto.js';
import type { RotateApiKeyDto } from './dto/rotate-api-key.dto.js';

/** A key with its text, which nobody gets to see again. */
export interface IssuedKey {
  apiKey: ApiKey;
  text: string;
  /** An earlier call under the same idempotency key made it. */
  isReplay: boolean;
}

/** API keys: made, rotated, revoked. The organization null stands for the whole service. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly hasher: ApiKeyHasher,
    private readonly signals: AccessSignals,
  ) {}

  /**
   * A key that ends makes none that ends later: one that is to end never ends with it.
   * @throws AppError `scope_not_held`, when the caller may not do what the key is to do, `expiry_not_held`
   * @throws AppError `organization_not_found`, `organization_closed`, `too_many_api_keys`
   */
  async create(
    principal: Principal,
    organizationId: string | null,
    scopes: readonly ApiKeyScope[],
    input: CreateAdminApiKeyDto,
    key?: string,
  ): Promise<IssuedKey> {
    assertHeld(principal, organizationId, scopes);
    const nonce = drawNonce();
    const drawn = await this.draw(nonce);
    const asked = [principal.kind, principal.id, input.name, scopes, input.expires_at];
    const made = await this.keys.insertKeyOnce(
      {
        organizationId,
        name: input.name,
        scopes,
        prefix: drawn.prefix,
        hash: await this.hasher.hash(drawn.text),
        expiresAt: toTime(input.expires_at),
        by: principal,
      },
      once('POST /api/organizations/:id/api-keys', key, asked, nonce),
    );
    return this.issued(made, drawn);
  }

  /**
   * @throws AppError `api_key_not_found`
   * @throws AppError `scope_not_held`, `expiry_not_held`, `api_key_not_usable`, `api_key_in_use`, `organization_closed`,
   *   `too_many_api_keys`
   */
  async rotate(
    principal: Principal,
    organizationId: string | null,
    id: string,
    input: RotateApiKeyDto,
    key?: string,
  ): Promise<IssuedKey> {
    assertHeld(principal, organizationId, (await this.find(organizationId, id)).scopes);
    if (input.overlap_seconds === 0) {
      assertNotItself(principal, id);
    }
    const nonce = drawNonce();
    const drawn = await this.draw(nonce);
    const asked = [principal.kind, principal.id, id, input.overlap_seconds, input.expires_at];
    const rotated = await this.keys.rotateKey(organizationId, id, {
      prefix: drawn.prefix,
      hash: await this.hasher.hash(drawn.text),
      overlapSeconds: input.overlap_seconds,
      expiresAt: toTime(input.expires_at),
      by: principal,
      once: once('POST /api/organizations/:id/api-keys/:keyId/rotate', key, asked, nonce),
    });
    if (rotated === null) {
      throw notFound();
    }
    if (rotated === 'not_usable') {
      throw new AppError('api_key_not_usable');
    }
    this.signals.tell(id);
    return this.issued(rotated, drawn);
  }

  /** Nothing stores a key: a call that is repeated gets it again because it follows from the nonce of the first one. */
  private async draw(nonce: Buffer): Promise<DrawnKey> {
    return drawApiKey(await this.hasher.derive('auzap api key', nonce, API_KEY_BYTES));
  }

  private async issued({ made, isReplay, nonce }: Made<ApiKey>, drawn: DrawnKey): Promise<IssuedKey> {
    const { text } = nonce === null ? drawn : await this.draw(nonce);
    return { apiKey: made, text, isReplay };
  }

  /**
   * From now on nobody gets in with the key, on any node.
   * @param principal who asks for it
   * @param keys what becomes of those that it made
   * @returns those that it made, as far as they were usable
   * @throws AppError `api_key_not_found`, `api_key_in_use`
   */
  async revoke(
    principal: Principal,
    organizationId: string | null,
    id: string,
    keys: KeysMade = 'revoke',
  ): Promise<KeysLeft> {
    assertNotItself(principal, id);
    const made = await this.keys.revokeKey(organizationId, id, { keys, by: principal });
    if (made === null) {
      throw notFound();
    }
    [id, ...made.revoked.map((key) => key.id)].forEach((one) => this.signals.tell(one));
    return made;
  }

  private async find(organizationId: string | null, id: string): Promise<ApiKey> {
    const key = await this.keys.findKey(organizationId, id);
    if (key === null) {
      throw notFound();
    }
    return key;
  }
}

function assertHeld(
  principal: Principal,
  organizationId: string | null,
  scopes: readonly ApiKeyScope[],
): void {
  const isHeld =
    principal.grants === 'all' ||
    (organizationId !== null && holdsAll(principal, organizationId, scopes as readonly Permission[]));
  if (!isHeld) {
    throw new AppError('scope_not_held');
  }
}

/** Callers who end the key with which they call can't even ask for another one. */
function assertNotItself(principal: Principal, keyId: string): void {
  if (principal.kind === 'api-key' && principal.id === keyId) {
    throw new AppError('api_key_in_use', {
      message:
        'A key does not end itself: use another one, or rotate it with an overlap and end it with the new one.',
    });
  }
}

function toTime(text: string | null | undefined): Date | null {
  return text ? new Date(text) : null;
}

function notFound(): AppError {
  return new AppError('api_key_not_found');
}
