import { Environment } from '../common/environment.ts';

/** What the MCP server is told by its environment. */
export interface McpSettings {
  url: string;
  apiKey: string | undefined;
  organizationId: string | undefined;
  timeoutMs: number;
}

/**
 * @param variables as `process.env` has them
 * @throws ConfigurationError naming every fault
 */
export function readSettings(variables: Readonly<Record<string, string | undefined>>): McpSettings {
  const environment = new Environment(variables);
  const settings = {
    url: environment.url('AUZAP_URL', 'set it to where the service is, such as http://localhost:3000'),
    apiKey: environment.optional('AUZAP_API_KEY'),
    organizationId: environment.optional('AUZAP_ORGANIZATION_ID'),
    timeoutMs: environment.integer('AUZAP_TIMEOUT_MS', { fallback: 30_000, min: 1000, max: 120_000 }),
  };
  environment.check();
  return settings;
}
