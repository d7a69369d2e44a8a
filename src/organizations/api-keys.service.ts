import { Injectable } from '@nestjs/common';
import { ApiKeyHasher } from '../auth/api-key-hasher.js';
import { drawApiKey } from '../auth/api-key-text.js';
import { holdsAll } from '../auth/grants.js';
import type { Permission, Principal } from '../auth/principal.js';
import { ForbiddenError, InvalidStateError, NotFoundError } from '../common/app-error.js';
import { AccessSignals } from '../queue/access-signals.js';
import type { ApiKey, ApiKeyScope } from '../repositories/api-key.js';
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
   * @throws ForbiddenError `scope_not_held`, when the caller may not do what the key is to do
   * @throws NotFoundError `organization_not_found`, InvalidStateError `organization_closed`
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
    });
    return { apiKey, text };
  }

  /**
   * @throws NotFoundError `api_key_not_found`
   * @throws ForbiddenError `scope_not_held`, InvalidStateError `api_key_not_usable`, `organization_closed`
   */
  async rotate(
    principal: Principal,
    organizationId: string | null,
    id: string,
    input: RotateApiKeyDto,
  ): Promise<IssuedKey> {
    assertHeld(principal, organizationId, (await this.find(organizationId, id)).scopes);
    const { text, prefix } = drawApiKey();
    const rotated = await this.keys.rotateKey(organizationId, id, {
      prefix,
      hash: await this.hasher.hash(text),
      overlapSeconds: input.overlap_seconds,
      expiresAt: toTime(input.expires_at),
    });
    if (rotated === null) {
      throw notFound();
    }
    if (rotated === 'not_usable') {
      throw new InvalidStateError(
        'api_key_not_usable',
        'The key is revoked, past its end or rotated already.',
      );
    }
    this.signals.tell(id);
    return { apiKey: rotated, text };
  }

  /** From now on nobody gets in with the key, on any node. @throws NotFoundError `api_key_not_found` */
  async revoke(organizationId: string | null, id: string): Promise<void> {
    if (!(await this.keys.revokeKey(organizationId, id))) {
      throw notFound();
    }
    this.signals.tell(id);
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
    throw new ForbiddenError('scope_not_held', 'A key may do nothing that whoever makes it may not.');
  }
}

function toTime(text: string | null | undefined): Date | null {
  return text ? new Date(text) : null;
}

function notFound(): NotFoundError {
  return new NotFoundError('api_key_not_found', 'There is no API key with this id.');
}
