import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, parse } from 'node:path';
import { promisify } from 'node:util';

const PACKAGE = join(import.meta.dirname, '../../integrations/n8n');

export interface Item {
  json: Record<string, unknown>;
  pairedItem?: { item: number };
}

interface Property {
  name: string;
  displayName: string;
  type: string;
  default: unknown;
  required?: boolean;
  options?: { name: string; value?: unknown; displayName?: string }[];
  displayOptions?: { show?: Record<string, unknown[]> };
  typeOptions?: { loadOptionsMethod?: string };
}

export interface NodeType {
  description: {
    name: string;
    displayName: string;
    group: string[];
    icon: { light: string; dark: string };
    inputs: string[];
    outputs: string[];
    properties: Property[];
    credentials: { name: string; required: boolean }[];
    webhooks?: { name: string; httpMethod: string; responseMode: string; path: string }[];
  };
  methods: { loadOptions: Record<string, (this: object) => Promise<{ name: string; value: string }[]>> };
  webhookMethods?: {
    default: Record<'checkExists' | 'create' | 'delete', (this: object) => Promise<boolean>>;
  };
  execute?(this: object): Promise<Item[][]>;
  webhook?(this: object): Promise<{ workflowData?: Item[][]; noWebhookResponse?: boolean }>;
}

export interface CredentialType {
  name: string;
  icon: { light: string; dark: string };
  properties: Property[];
  authenticate: { type: string; properties: { headers: Record<string, string> } };
  test: { request: { baseURL: string; url: string } };
}

interface Manifest {
  name: string;
  keywords: string[];
  files: string[];
  dependencies?: object;
  peerDependencies: Record<string, string>;
  n8n: { n8nNodesApiVersion: number; nodes: string[]; credentials: string[] };
}

/** What of the stand-in for `n8n-workflow` the host itself uses: the class that nodes see, too. */
interface WorkflowPackage {
  NodeApiError: new (
    node: object,
    error: object,
    options: object,
  ) => Error & { context: Record<string, unknown> };
}

/**
 * The package as somebody gets it who installs it into n8n: built, packed and unpacked, and loaded as n8n's `PackageDirectoryLoader` does
 * (packages/core/src/nodes-loader of n8n-io/n8n): a class of the file's own name, made without arguments, with its icons beside it.
 */
export class N8nPackage {
  private constructor(
    readonly manifest: Manifest,
    readonly nodes: Record<string, NodeType>,
    readonly credentials: Record<string, CredentialType>,
    private readonly workflow: WorkflowPackage,
    private readonly folder: string,
  ) {}

  static async install(): Promise<N8nPackage> {
    const folder = await mkdtemp(join(tmpdir(), 'auzap-n8n-'));
    const run = promisify(execFile);
    await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: PACKAGE });
    const installed = join(folder, 'node_modules/n8n-nodes-auzap');
    await mkdir(installed, { recursive: true });
    const [tarball] = (await run('ls', [folder])).stdout.split('\n').filter((name) => name.endsWith('.tgz'));
    await run('tar', ['-xzf', join(folder, tarball!), '--strip-components=1', '-C', installed]);
    await cp(
      join(import.meta.dirname, 'n8n-workflow.cjs'),
      join(folder, 'node_modules/n8n-workflow/index.js'),
    );

    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest;
    const require = createRequire(join(folder, 'index.js'));
    const load = <Type extends { icon: object } | NodeType>(path: string): Type => {
      const [className] = parse(path).name.split('.');
      const module = require(join(installed, path)) as Record<string, new () => Type>;
      return new module[className!]!();
    };
    const nodes: Record<string, NodeType> = {};
    for (const path of manifest.n8n.nodes) {
      const node = load<NodeType>(path);
      assert.ok(existsSync(join(installed, `${path}on`)), 'a node has its codex beside it');
      iconsOf(node.description.icon, join(installed, path));
      nodes[node.description.name] = node;
    }
    const credentials: Record<string, CredentialType> = {};
    for (const path of manifest.n8n.credentials) {
      const credential = load<CredentialType>(path);
      iconsOf(credential.icon, join(installed, path));
      credentials[credential.name] = credential;
    }
    return new N8nPackage(manifest, nodes, credentials, require('n8n-workflow') as WorkflowPackage, folder);
  }

  /** What every function of a node has, whichever of n8n's contexts it runs in. What is missing here is none that may be used. */
  baseContext(values: Record<string, string>, node: { id: string; name: string }) {
    const credential = this.credentials['auzapApi']!;
    const { NodeApiError } = this.workflow;
    const context = {
      getNode: () => node,
      getCredentials: (type: string) => {
        assert.equal(type, credential.name);
        return Promise.resolve({ ...values });
      },
      helpers: {
        async httpRequestWithAuthentication(this: unknown, type: string, options: Record<string, unknown>) {
          assert.ok(this !== undefined && this !== context.helpers, 'is called with the context as `this`');
          assert.equal(type, credential.name);
          assert.deepEqual(
            Object.keys(options).filter((name) => !REQUEST_OPTIONS.includes(name)),
            [],
          );
          try {
            return await httpRequest(credential, values, options);
          } catch (error) {
            assert.ok(error instanceof RequestFailed);
            // As n8n's own helper: a sentence of n8n's, and what was answered in `context`.
            const { status, data } = error.response;
            const message = 'The resource you are requesting could not be found';
            const failure = new NodeApiError(node, error, { message, httpCode: String(status) });
            failure.context['data'] = data;
            throw failure;
          }
        },
      },
    };
    return context;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

function iconsOf(icon: { light: string; dark: string }, beside: string): void {
  for (const name of [icon.light, icon.dark]) {
    assert.match(name, /^file:.*\.svg$/);
    assert.ok(existsSync(join(dirname(beside), name.slice('file:'.length))), name);
  }
}

/** @returns whether n8n shows a parameter with these values of the others */
function isShown({ displayOptions }: Property, values: Record<string, unknown>): boolean {
  return Object.entries(displayOptions?.show ?? {}).every(([name, wanted]) => wanted.includes(values[name]));
}

/**
 * What a person filled in, as n8n gives it to a node: with the defaults of what is shown, and nothing else.
 * @throws where a parameter is not one of the node's, not shown, missing, or no choice that there is
 */
export function parametersOf(
  { description }: NodeType,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const property of description.properties) {
    if (isShown(property, values)) {
      const value = given[property.name] ?? property.default;
      assert.ok(!property.required || value !== '', `${property.name} is required`);
      checkChoice(property, value);
      values[property.name] = value;
    }
  }
  assert.deepEqual(
    Object.keys(given).filter((name) => !(name in values)),
    [],
    'parameters that the node does not show',
  );
  return values;
}

function checkChoice({ type, name, options, typeOptions }: Property, value: unknown): void {
  if (type === 'collection') {
    const names = options!.map((option) => option.name);
    assert.deepEqual(
      Object.keys(value as object).filter((key) => !names.includes(key)),
      [],
    );
  } else if (options && !typeOptions?.loadOptionsMethod) {
    const values = options.map((option) => option.value);
    for (const one of Array.isArray(value) ? value : [value]) {
      assert.ok(values.includes(one), `${name} has no choice ${String(one)}`);
    }
  }
}

/** As axios fails inside of n8n. */
class RequestFailed extends Error {
  constructor(readonly response: { status: number; data: unknown }) {
    super(`Request failed with status code ${response.status}`);
  }
}

const REQUEST_OPTIONS = ['method', 'baseURL', 'url', 'json', 'timeout', 'qs', 'body', 'headers'];

/** Does what n8n does with `=…{{$credentials.name}}`. */
function evaluated(expression: string, values: Record<string, string>): string {
  assert.ok(expression.startsWith('='), 'an expression begins with =');
  return expression
    .slice(1)
    .replaceAll(/\{\{\$credentials\.(\w+)\}\}/g, (_all, name: string) => values[name]!);
}

async function httpRequest(
  { authenticate }: CredentialType,
  values: Record<string, string>,
  options: Record<string, unknown>,
): Promise<unknown> {
  assert.equal(authenticate.type, 'generic');
  const url = new URL(String(options['baseURL']) + String(options['url']));
  for (const [name, value] of Object.entries((options['qs'] ?? {}) as Record<string, unknown>)) {
    url.searchParams.set(name, String(value));
  }
  const authorization = Object.fromEntries(
    Object.entries(authenticate.properties.headers).map(([name, value]) => [name, evaluated(value, values)]),
  );
  const body = options['body'];
  const response = await fetch(url, {
    method: (options['method'] as string | undefined) ?? 'GET',
    headers: {
      ...(options['headers'] as Record<string, string>),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...authorization,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const data = (await response.json()) as unknown;
  if (!response.ok) {
    throw new RequestFailed({ status: response.status, data });
  }
  return data;
}

/** Tests credentials as n8n does when they are saved. @returns the status */
export async function testCredentials(
  credential: CredentialType,
  values: Record<string, string>,
): Promise<number> {
  const { baseURL, url } = credential.test.request;
  try {
    await httpRequest(credential, values, { baseURL: evaluated(baseURL, values), url });
    return 200;
  } catch (error) {
    assert.ok(error instanceof RequestFailed);
    return error.response.status;
  }
}
