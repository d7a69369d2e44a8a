import { Injectable } from '@nestjs/common';
import { ApiKeyHasher } from '../auth/api-key-hasher.js';
import { drawApiKey } from '../auth/api-key-text.js';
import { holdsAll } from '../auth/grants.js';
import type { Permission, Principal } from '../auth/principal.js';
import { AppError } from '../common/app-error.js';
import { AccessSignals } from '../queue/access-signals.js';
import type { ApiKey, ApiKeyScope, KeysLeft, KeysMade } from '../repositories/api-key.js';
import { ApiKeysRepository } from '../repositories/api-keys.repository.js';
import type { CreateAdminApiKeyDto } from './dto/create-admin-api-key.dto.js';
import type { RotateApiKeyDto } from './dto/rotate-api-key.dto.js';

/** A key with its text, which nobody gets to see again. */
export interface IssuedKey {
  apiKey: ApiKey;
  text: string;
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
  ): Promise<IssuedKey> {
    assertHeld(principal, organizationId, scopes);
    const { text, prefix } = drawApiKey();
    const hash = await this.hasher.hash(text);
    const expiresAt = toTime(input.expires_at);
    const apiKey = await this.keys.insertKey({
      organizationId,
      name: input.name,
      scopes,
      prefix,
      hash,
      expiresAt,
      by: principal,
    });
    return { apiKey, text };
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
  ): Promise<IssuedKey> {
    assertHeld(principal, organizationId, (await this.find(organizationId, id)).scopes);
    if (input.overlap_seconds === 0) {
      assertNotItself(principal, id);
    }
    const { text, prefix } = drawApiKey();
    const rotated = await this.keys.rotateKey(organizationId, id, {
      prefix,
      hash: await this.hasher.hash(text),
      overlapSeconds: input.overlap_seconds,
      expiresAt: toTime(input.expires_at),
      by: principal,
    });
    if (rotated === null) {
      throw notFound();
    }
    if (rotated === 'not_usable') {
      throw new AppError('api_key_not_usable');
    }
    this.signals.tell(id);
    return { apiKey: rotated, text };
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
