import { createConfig, lintFromString } from '@redocly/openapi-core';

/**
 * @param source an OpenAPI document as JSON
 * @returns what Redocly's recommended rules find, the form of the document included; warnings, too
 */
export async function lintOpenApi(source: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config });
  return problems.map(
    ({ ruleId, message, location: [place] }) => `${ruleId} at ${place?.pointer}: ${message}`,
  );
}
