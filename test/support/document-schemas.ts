import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

type Json = Record<string, unknown>;

/** Remembers which fields were there: the keyword that `closed` gives each field. */
const PLACE = 'x-place';

/** Holds values against schemas of an OpenAPI or AsyncAPI document. A field that a schema does not name is a fault. */
export class DocumentSchemas {
  private readonly ajv: Ajv;
  private readonly validators = new Map<string, ValidateFunction>();
  /** Fields that a value had, by their place in the document. */
  readonly seen = new Set<string>();

  constructor(document: object) {
    const options = { strict: false, allErrors: true };
    // AsyncAPI is on draft 7 of JSON Schema.
    this.ajv = 'asyncapi' in document ? new Ajv(options) : new Ajv2020(options);
    formats.default(this.ajv);
    this.ajv.addKeyword({
      keyword: PLACE,
      schemaType: 'string',
      validate: (place: string) => Boolean(this.seen.add(place)),
    });
    this.ajv.addSchema(closed(document, '#') as object, 'document');
  }

  /**
   * @param pointer of the schema in the document, such as `/components/schemas/Booking`
   * @param mayBeMissing whether a required field may be missing from what stands at a pointer in the value
   * @returns what is wrong with a value; empty where it fits
   */
  faultsOf(
    pointer: string,
    value: unknown,
    mayBeMissing: (at: string, field: string) => boolean = () => false,
  ): string[] {
    let validate = this.validators.get(pointer);
    if (validate === undefined) {
      const $ref = `document#${pointer.split('/').map(encodeURIComponent).join('/')}`;
      validate = this.ajv.compile({ $ref });
      this.validators.set(pointer, validate);
    }
    const errors = validate(value) ? [] : validate.errors!;
    return errors
      .filter(
        ({ keyword, instancePath, params }) =>
          keyword !== 'required' || !mayBeMissing(instancePath, String(params['missingProperty'])),
      )
      .map(sentenceOf);
  }
}

/** @returns a pointer of the tokens */
export function pointerTo(...tokens: string[]): string {
  return tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** @returns each field of each schema below a node, by its place */
export function fieldsBelow(node: unknown, place: string): string[] {
  if (typeof node !== 'object' || node === null) {
    return [];
  }
  return Object.entries(node).flatMap(([name, child]) => {
    const at = `${place}/${name}`;
    const own =
      name === 'properties' && isFields(node) ? Object.keys(child as Json).map((one) => `${at}/${one}`) : [];
    return name === 'example' || name === 'examples' ? [] : [...own, ...fieldsBelow(child, at)];
  });
}

/** @returns the document, whose schemas allow no other fields than those that they name */
function closed(node: unknown, place: string): unknown {
  if (Array.isArray(node)) {
    return node.map((item, at) => closed(item, `${place}/${at}`));
  }
  if (typeof node !== 'object' || node === null) {
    return node;
  }
  const copy = Object.fromEntries(
    Object.entries(node)
      .filter(([name]) => name !== 'example' && name !== 'examples')
      .map(([name, child]) => [name, closed(child, `${place}/${name}`)]),
  );
  if (isFields(node)) {
    const fields = Object.entries(copy['properties'] as Json);
    copy['properties'] = Object.fromEntries(
      fields.map(([name, schema]) => [name, { ...(schema as Json), [PLACE]: `${place}/properties/${name}` }]),
    );
    copy['additionalProperties'] ??= false;
  }
  return copy;
}

/** Whether a node is the schema of an object, and not the list of such fields, one of which is called `properties`. */
function isFields(node: object): boolean {
  return (
    'properties' in node && (!('type' in node) || typeof node.type === 'string' || Array.isArray(node.type))
  );
}

function sentenceOf({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath || '(all)'} ${message} ${JSON.stringify(params)}`;
}
