import { ConfigurationError } from '../common/environment.ts';
import { CallError } from '../common/http-json.ts';
import type { ServiceClient } from '../common/service-client.ts';
import type { Me, Permission } from '../common/service-types.ts';

/** Who the key is, and what it may do in the one organization that is worked in. */
export interface Caller {
  me: Me;
  organizationId: string;
  permissions: readonly Permission[];
}

const EVERYTHING: readonly Permission[] = ['read', 'send', 'manage'];

/**
 * Asks the service who the key is.
 * @param organizationId where to work; may be left out by a key of one organization
 * @throws ConfigurationError where it is nobody, or where it is not clear which organization is meant
 */
export async function whoCalls(service: ServiceClient, organizationId: string | undefined): Promise<Caller> {
  const me = await askService(service);
  if (me.organizations === null) {
    if (organizationId === undefined) {
      throw new ConfigurationError(
        'AUZAP_ORGANIZATION_ID is missing: this key may work in every organization, so name the one that is meant',
      );
    }
    return { me, organizationId, permissions: EVERYTHING };
  }
  const names = me.organizations.map(({ id }) => id);
  const chosen = organizationId ?? (names.length === 1 ? names[0] : undefined);
  const found = me.organizations.find(({ id }) => id === chosen);
  if (!found) {
    throw new ConfigurationError(
      chosen === undefined
        ? `AUZAP_ORGANIZATION_ID is missing: the key works in ${names.join(', ') || 'no organization'}`
        : `AUZAP_ORGANIZATION_ID is ${chosen}, where this key may do nothing; it works in ${names.join(', ') || 'no organization'}`,
    );
  }
  return { me, organizationId: found.id, permissions: found.permissions };
}

async function askService(service: ServiceClient): Promise<Me> {
  try {
    return (await service.call<{ me: Me }>('GET', '/api/me')).me;
  } catch (error) {
    if (error instanceof CallError && error.status === 401) {
      throw new ConfigurationError(`AUZAP_API_KEY is not a key that the service knows: ${error.message}`);
    }
    throw error;
  }
}

/** @returns whether the service's own description says that messages can be searched */
export async function canSearchMessages(service: ServiceClient): Promise<boolean> {
  interface Description {
    paths: Record<string, { get?: { parameters?: { name?: string }[] } }>;
  }
  try {
    const { paths } = await service.call<Description>('GET', '/api/docs-json');
    return paths['/api/messages']?.get?.parameters?.some(({ name }) => name === 'search') === true;
  } catch (error) {
    // Some deployments show no description.
    if (error instanceof CallError && !error.isTransient) {
      return false;
    }
    throw error;
  }
}
