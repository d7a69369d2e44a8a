import { ApiKeyHasher } from '../auth/api-key-hasher.js';
import type { Principal } from '../auth/principal.js';
import { EmbeddedNodeSignals } from '../queue/embedded-node-signals.js';
import { ApiKeysService } from '../organizations/api-keys.service.js';
import { ApiKeysRepository } from '../repositories/api-keys.repository.js';
import { ServiceSecretsRepository } from '../repositories/service-secrets.repository.js';
import type { CommandContext } from './admin-command.js';
import { operator } from './operator.js';

/** Those who can run commands beside the service. */
export const OPERATOR: Principal = { ...operator(), grants: 'all' };

/** The service's keys, as a command reaches them. No signal leaves it: running processes look by themselves every second. */
export function keysOf({ client, box }: Pick<CommandContext, 'client' | 'box'>): {
  keys: ApiKeysRepository;
  service: ApiKeysService;
} {
  const keys = new ApiKeysRepository(client);
  const hasher = new ApiKeyHasher(new ServiceSecretsRepository(client), box);
  return { keys, service: new ApiKeysService(keys, hasher, new EmbeddedNodeSignals()) };
}
