import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DocumentSchemas, fieldsBelow, pointerTo } from './document-schemas.js';

interface Content {
  schema?: object;
}
interface Response {
  $ref?: string;
  content?: Record<string, Content>;
  headers?: Record<string, object>;
}
export interface Parameter {
  $ref?: string;
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Record<string, unknown>;
}
export interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Record<string, unknown> }> };
  responses: Record<string, Response>;
  security?: object[];
}
export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, Record<string, unknown>>>;
}

/** One answer of the service, and what it is the answer to. */
export interface Exchange {
  method: string;
  /** With its query. */
  path: string;
  status: number;
  headers: Headers;
  /** As text. */
  body: string;
}

const ERROR = pointerTo('components', 'schemas', 'ErrorResponse');
/** Of each answer, whatever it is: what the transport, caches and browsers want, and what the document says once for all. */
const EVERYWHERE =
  /^(date|connection|keep-alive|transfer-encoding|content-(type|length|encoding|security-policy)|vary|cache-control|etag|last-modified|strict-transport-security|referrer-policy|origin-agent-cluster|cross-origin-.*|access-control-.*|x-(content-type-options|dns-prefetch-control|download-options|frame-options|permitted-cross-domain-policies|xss-protection|request-id|accel-buffering)|ratelimit(-.*)?)$/;
/** What calls can be answered before it is known what they are about. */
const BEFORE_ROUTING = [
  '400 malformed_request',
  '400 bad_request',
  '408 request_timeout',
  '431 headers_too_large',
];
/** What a body is answered that comes where none is asked for. */
const WITHOUT_BODY = [
  '400 invalid_json',
  '400 invalid_body',
  '413 body_too_large',
  '415 unsupported_media_type',
  '415 unsupported_encoding',
];

/** Holds what the service answers against its OpenAPI document: no status, type, header or field that is not there. */
export class OpenApiContract {
  readonly document: OpenApiDocument;
  private readonly schemas: DocumentSchemas;
  private readonly paths: { path: string; pattern: RegExp }[];
  private readonly reached = new Set<string>();

  constructor(document: OpenApiDocument = read()) {
    this.document = document;
    this.schemas = new DocumentSchemas(document);
    this.paths = Object.keys(document.paths)
      .map((path) => ({ path, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) }))
      // What is written out goes before what may be anything.
      .toSorted((a, b) => a.path.split('{').length - b.path.split('{').length);
  }

  /** @returns what the document does not say of an answer; empty where it says all of it, or the address is none of the document's */
  faultsOf({ method, path, status, headers, body }: Exchange): string[] {
    const route = this.paths.find(({ pattern }) => pattern.test(path.split('?')[0]!))?.path;
    if (route === undefined || method === 'OPTIONS') {
      return [];
    }
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
    const operation = this.document.paths[route]![verb];
    const answer = operation?.responses[status];
    if (answer === undefined) {
      return this.faultsOfUnlisted(operation, status, body);
    }
    const name = `${verb.toUpperCase()} ${route} ${status}`;
    this.reached.add(name);
    const { content = {}, headers: named = {} } = this.resolved(answer);
    const faults = headerFaults(headers, named).map((fault) => `${name}: ${fault}`);
    if (method === 'HEAD' || status === 304) {
      return [...faults, ...(body === '' ? [] : [`${name}: has a body`])];
    }
    const leftOut = fieldsLeftOut(operation!, path);
    return [
      ...faults,
      ...this.bodyFaults(answer, [route, verb, String(status)], headers, content, body, leftOut),
    ];
  }

  /** @returns answers of success that a run has not come by */
  unreached(): string[] {
    return this.answers()
      .filter(({ status }) => /^[23]/.test(status))
      .map(({ path, verb, status }) => `${verb.toUpperCase()} ${path} ${status}`)
      .filter((name) => !this.reached.has(name));
  }

  /** @returns fields of answers that no answer of a run had, by their place in the document */
  unseen(): string[] {
    const answers = this.answers().filter(({ status }) => status.startsWith('2'));
    const names = new Set<string>();
    answers.forEach(({ answer }) => this.collect(answer, names));
    const fields = [
      ...answers.flatMap(({ path, verb, status, answer }) =>
        fieldsBelow(answer, `#/paths/${path}/${verb}/responses/${status}`),
      ),
      ...[...names].flatMap((name) => fieldsBelow(this.schema(name), `#/components/schemas/${name}`)),
    ];
    return fields.filter((field) => !this.schemas.seen.has(field));
  }

  private answers(): { path: string; verb: string; status: string; answer: Response }[] {
    return Object.entries(this.document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([verb, { responses }]) =>
        Object.entries(responses).map(([status, answer]) => ({ path, verb, status, answer })),
      ),
    );
  }

  /** Adds the schemas that a node refers to, and those that these do. */
  private collect(node: unknown, names: Set<string>): void {
    for (const [, name] of JSON.stringify(node).matchAll(/#\/components\/schemas\/(\w+)/g)) {
      if (!names.has(name!)) {
        names.add(name!);
        this.collect(this.schema(name!), names);
      }
    }
  }

  private schema(name: string): unknown {
    return this.document.components['schemas']![name];
  }

  private faultsOfUnlisted(operation: Operation | undefined, status: number, body: string): string[] {
    const code = /"code":"(\w+)"/.exec(body)?.[1];
    const unknown = operation === undefined ? ['404 route_not_found', '405 method_not_allowed'] : [];
    const expected = [...unknown, ...BEFORE_ROUTING, ...(operation?.requestBody ? [] : WITHOUT_BODY)];
    return expected.includes(`${status} ${code}`) && this.schemas.faultsOf(ERROR, parsed(body)).length === 0
      ? []
      : [`status ${status} (${code ?? body.slice(0, 100)}) is not documented`];
  }

  private bodyFaults(
    answer: Response,
    [route, verb, status]: [string, string, string],
    headers: Headers,
    content: Record<string, Content>,
    body: string,
    leftOut: (at: string, field: string) => boolean,
  ): string[] {
    const name = `${verb.toUpperCase()} ${route} ${status}`;
    const type = headers.get('content-type')?.split(';')[0];
    const listed = type !== undefined && type in content ? type : '*/*';
    if (Object.keys(content).length === 0) {
      return body === '' ? [] : [`${name}: has a body`];
    }
    if (!(listed in content)) {
      return [`${name}: is of the type ${type}`];
    }
    if (listed !== 'application/json') {
      return [];
    }
    const holder =
      answer.$ref === undefined ? pointerTo('paths', route, verb, 'responses', status) : answer.$ref.slice(1);
    const place = `${holder}${pointerTo('content', listed, 'schema')}`;
    return this.schemas.faultsOf(place, parsed(body), leftOut).map((fault) => `${name}: ${fault}`);
  }

  private resolved(answer: Response): Response {
    const [, kind, name] = /^#\/components\/(\w+)\/(\w+)$/.exec(answer.$ref ?? '') ?? [];
    return kind === undefined ? answer : (this.document.components[kind]![name!] as Response);
  }
}

function read(): OpenApiDocument {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../openapi.json'), 'utf8')) as OpenApiDocument;
}

/** @returns whether a call that names the `fields` that it wants of a list's items did without one of them */
function fieldsLeftOut({ parameters = [] }: Operation, path: string): (at: string, field: string) => boolean {
  const wanted = new URLSearchParams(path.split('?')[1]).get('fields')?.split(',');
  if (wanted === undefined || !parameters.some(({ name }) => name === 'fields')) {
    return () => false;
  }
  return (at, field) => /^\/\w+\/\d+$/.test(at) && !wanted.includes(field);
}

function headerFaults(headers: Headers, named: Record<string, object>): string[] {
  const known = new Set(Object.keys(named).map((name) => name.toLowerCase()));
  return [...headers.keys()]
    .filter((name) => !EVERYWHERE.test(name) && !known.has(name))
    .map((name) => `has the header ${name}`);
}

/** @returns the text itself where it is no JSON */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
