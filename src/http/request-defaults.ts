import type { OpenAPIObject } from '@nestjs/swagger';

type Schema = Record<string, unknown>;

/**
 * Takes the `default` of fields in bodies of requests, and says it in their description instead: generators of clients take a
 * field with a default for one that is always there, which is true of answers alone.
 * @param document changed in place
 */
export function describeBodyDefaults(document: OpenAPIObject): void {
  const seen = new Set<unknown>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || seen.has(node)) {
      return;
    }
    seen.add(node);
    const { $ref, properties } = node as { $ref?: string; properties?: Record<string, Schema> };
    if (typeof $ref === 'string') {
      visit(document.components?.schemas?.[$ref.split('/').at(-1)!]);
    }
    Object.values(properties ?? {}).forEach(describeDefault);
    Object.values(node).forEach(visit);
  };
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations) as { requestBody?: unknown }[]) {
      visit(operation?.requestBody);
    }
  }
}

function describeDefault(field: Schema): void {
  const { default: value, description } = field;
  if (value === undefined) {
    return;
  }
  delete field['default'];
  const sentence = `\`${JSON.stringify(value)}\` where it is left out.`;
  field['description'] = typeof description === 'string' ? `${description} ${sentence}` : sentence;
}
