import type { OpenAPIObject } from '@nestjs/swagger';

type Json = Record<string, unknown>;
type Kind = 'headers' | 'parameters' | 'responses' | 'schemas';

/** The name of the field that `component` makes. */
const MARK = 'x-component';

/** Which kind of component a part may be, by the field of the document that holds it or a list of it. */
const KIND_BY_FIELD: Readonly<Record<string, Kind>> = {
  headers: 'headers',
  parameters: 'parameters',
  responses: 'responses',
  properties: 'schemas',
};

/** Which kind of component a field of the document is. */
const OWN_KIND: Readonly<Record<string, Kind>> = { schema: 'schemas' };

/**
 * Marks a part of the document that stands in several places.
 * @param kind what it is; where something else comes of it, as of a field that is a parameter here and in a body there, it is not shared
 * @param name under which it is to stand once
 * @returns fields for the options of a decorator
 */
export function component(kind: Kind, name: string): Record<string, string> {
  return { [MARK]: `${kind}/${name}` };
}

/**
 * Moves what is marked with a name into the document's components, and refers to it from where it stood.
 * @param document is left as it is
 * @returns a document that says the same
 * @throws where two parts that differ have the same name
 */
export function shareComponents(document: OpenAPIObject): OpenAPIObject {
  const components: Record<string, Json> = {};
  const share = (mark: string, part: Json): Json => {
    const [kind, name] = mark.split('/') as [Kind, string];
    const named = (components[kind] ??= {});
    if (name in named && JSON.stringify(named[name]) !== JSON.stringify(part)) {
      throw new Error(`Two different ${kind} are called ${name}: give one of them another name.`);
    }
    named[name] = part;
    return { $ref: `#/components/${kind}/${name}` };
  };
  const visit = (node: unknown, kind?: Kind, kindInside?: Kind): unknown => {
    if (Array.isArray(node)) {
      return node.map((item) => visit(item, kindInside));
    }
    if (typeof node !== 'object' || node === null) {
      return node;
    }
    const { [MARK]: mark, ...fields } = node as Json;
    const part = Object.fromEntries(
      Object.entries(fields).map(([field, value]) => [
        field,
        visit(value, kindInside ?? OWN_KIND[field], KIND_BY_FIELD[field]),
      ]),
    );
    return typeof mark === 'string' && mark.startsWith(`${kind}/`) ? share(mark, part) : part;
  };
  const { components: given, ...rest } = visit(document) as Json & { components?: Json };
  const kinds = { ...(given as Record<string, Json>) };
  for (const [kind, named] of Object.entries(components)) {
    kinds[kind] = { ...kinds[kind], ...sorted(named) };
  }
  return { ...rest, components: kinds } as unknown as OpenAPIObject;
}

function sorted(named: Json): Json {
  return Object.fromEntries(Object.entries(named).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
