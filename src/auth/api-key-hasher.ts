import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CachedPromise } from '../common/cached-promise.js';
import { KeyMissingError, SecretBox } from '../common/secret-box.js';
import { ConfigError } from '../config/config-error.js';
import {
  serviceSecretContext,
  ServiceSecretsRepository,
} from '../repositories/service-secrets.repository.js';

const SECRET = 'api-keys';
const PURPOSE = 'auzap api key hash';

/**
 * Hashes API keys under a secret of this deployment, so that the table of hashes alone proves nothing about a key. The secret
 * is drawn at its first use and kept sealed in the database: a new SESSION_ENCRYPTION_KEY seals it again and leaves the
 * hashes as they are.
 */
@Injectable()
export class ApiKeyHasher {
  private readonly key = new CachedPromise(() => this.read());

  constructor(
    private readonly secrets: ServiceSecretsRepository,
    private readonly box: SecretBox,
  ) {}

  /**
   * @param key in clear
   * @returns 32 bytes, the same in every process of the deployment
   * @throws AppError `database_unavailable`; ConfigError when SESSION_ENCRYPTION_KEY does not open the secret
   */
  async hash(key: string): Promise<Buffer> {
    return createHmac('sha256', await this.key.get())
      .update(key)
      .digest();
  }

  /**
   * What a call is answered with that may be repeated, and that nothing stores: it follows from a nonce and the secret of this deployment.
   * @param purpose what it is for
   * @param nonce drawn for the call, and stored with it
   * @returns so many bytes, which nobody can guess who has the database alone
   * @throws as `hash`
   */
  async derive(purpose: string, nonce: Buffer, length: number): Promise<Buffer> {
    return Buffer.from(hkdfSync('sha256', await this.key.get(), nonce, purpose, length));
  }

  private async read(): Promise<Buffer> {
    const context = serviceSecretContext(SECRET);
    const sealed = await this.secrets.keep(SECRET, this.box.seal(randomBytes(32), context));
    return Buffer.from(hkdfSync('sha256', this.open(sealed, context), '', PURPOSE, 32));
  }

  private open(sealed: Buffer, context: readonly string[]): Buffer {
    try {
      return this.box.open(sealed, context);
    } catch (error) {
      throw error instanceof KeyMissingError ? keyMissing() : error;
    }
  }
}

function keyMissing(): ConfigError {
  return new ConfigError([
    'SESSION_ENCRYPTION_KEY does not open the secret that the API keys of this database are hashed with. Configure the key that ' +
      'the service runs with.',
  ]);
}
