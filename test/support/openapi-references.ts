/**
 * @param document an OpenAPI document
 * @returns it with what its operations refer to in their place: parameters, headers and answers, not schemas
 */
export function resolveOperations<Document extends { paths: object }>(document: Document): Document {
  const resolve = (node: unknown): unknown => {
    if (Array.isArray(node)) {
      return node.map(resolve);
    }
    if (typeof node !== 'object' || node === null) {
      return node;
    }
    const { $ref, ...others } = node as { $ref?: string };
    if ($ref === undefined) {
      return Object.fromEntries(Object.entries(node).map(([name, field]) => [name, resolve(field)]));
    }
    const [kind, name] = $ref.replace('#/components/', '').split('/') as [string, string];
    const { components } = document as unknown as { components: Record<string, Record<string, object>> };
    return kind === 'schemas' ? node : { ...(resolve(components[kind]![name]) as object), ...others };
  };
  return { ...document, paths: resolve(document.paths) as Document['paths'] };
}
