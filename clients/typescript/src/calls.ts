import createFetchClient, { type Client, type FetchResponse, type MaybeOptionalInit } from 'openapi-fetch';
import type { HttpMethod, PathsWithMethod, RequiredKeysOf } from 'openapi-typescript-helpers';
import { AuzapError } from './auzap-error.js';
import { type CallOptions, type ClientOptions, type CreateOptions, tokenNow } from './client-options.js';
import type { paths } from './generated/openapi.js';
import { OPERATIONS, type OperationTraits } from './generated/operations.js';
import { retryingFetch } from './retrying-fetch.js';

/** Of a successful call: what it says, and all of its answer. */
export interface Answer<Data> {
  data: Data;
  response: Response;
}

type DataOf<Path extends keyof paths, Method extends keyof paths[Path], Init> = Exclude<
  FetchResponse<paths[Path][Method] & Record<string | number, unknown>, Init, `${string}/${string}`>['data'],
  undefined
>;

/** One HTTP method of the service: a path as the API's document has it, and its parameters and body. */
export type Call<Method extends HttpMethod> = <
  Path extends PathsWithMethod<paths, Method>,
  Init extends MaybeOptionalInit<paths[Path], Method>,
>(
  path: Path,
  ...init: RequiredKeysOf<Init> extends never ? [(Init & CreateOptions)?] : [Init & CreateOptions]
) => Promise<Answer<DataOf<Path, Method & keyof paths[Path], Init>>>;

/** What a call is given, as far as it is looked at here. */
type Init = CreateOptions & {
  params?: {
    query?: Record<string, unknown>;
    header?: Record<string, unknown>;
    path?: Record<string, unknown>;
  };
  body?: unknown;
  parseAs?: string;
};

const DEFAULT_RETRIES = 6;
const DEFAULT_TIMEOUT_MS = 30_000;

/** Calls any operation of the service, by types that are generated from its document. */
export class Calls {
  readonly GET = this.method('get') as Call<'get'>;
  readonly POST = this.method('post') as Call<'post'>;
  readonly PUT = this.method('put') as Call<'put'>;
  readonly PATCH = this.method('patch') as Call<'patch'>;
  readonly DELETE = this.method('delete') as Call<'delete'>;
  private readonly client: Client<paths>;

  declare readonly options: ClientOptions;

  constructor(options: ClientOptions) {
    // Not where a log that shows the client would show the token.
    Object.defineProperty(this, 'options', { value: options, enumerable: false });
    this.client = createFetchClient<paths>({ baseUrl: options.url });
    this.client.use({
      onRequest: async ({ request }) => {
        const token = await tokenNow(options.token);
        if (token !== undefined) {
          request.headers.set('authorization', `Bearer ${token}`);
        }
      },
    });
  }

  /** @returns a `fetch` that tries as the caller wants it */
  fetchFor({
    retries,
    timeoutMs,
    isStream = false,
  }: CallOptions & { isStream?: boolean }): (request: Request) => Promise<Response> {
    const { options } = this;
    return retryingFetch({
      fetch: options.fetch ?? ((request) => globalThis.fetch(request)),
      retries: retries ?? options.retries ?? DEFAULT_RETRIES,
      timeoutMs: timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      isStream,
    });
  }

  private method(method: HttpMethod) {
    return async (path: string, init: Init = {}): Promise<Answer<unknown>> => {
      const { retries, timeoutMs, idempotencyKey, ...given } = init;
      const traits = OPERATIONS[`${method} ${path}`] ?? {};
      const request = this.client.request as unknown as (
        method: HttpMethod,
        path: string,
        init: object,
      ) => Promise<{ data?: unknown; error?: unknown; response: Response }>;
      const { data, error, response } = await request(method, path, {
        ...this.withOrganization(withKey(given, traits, idempotencyKey), traits),
        fetch: this.fetchFor({
          retries,
          timeoutMs: timeoutMs ?? this.limitOf(init),
          isStream: init.parseAs === 'stream',
        }),
      });
      if (!response.ok) {
        throw AuzapError.ofAnswer(response, error);
      }
      return { data, response };
    };
  }

  /** A long poll is answered when its time is over. */
  private limitOf({ params }: Init): number {
    const wait = Number(params?.query?.['wait'] ?? 0);
    return (this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS) + wait * 1_000;
  }

  private withOrganization(init: Init, { organization }: OperationTraits): Init {
    const { organizationId } = this.options;
    if (organizationId === undefined || organization === undefined) {
      return init;
    }
    const own = { organization_id: organizationId };
    if (organization === 'body') {
      return { ...init, body: { ...own, ...(init.body as object | undefined) } };
    }
    return { ...init, params: { ...init.params, query: { ...own, ...init.params?.query } } };
  }
}

/** One key for all tries of a call. */
function withKey(init: Init, { hasIdempotencyKey }: OperationTraits, given: string | undefined): Init {
  if (!hasIdempotencyKey) {
    return init;
  }
  const key = { 'Idempotency-Key': given ?? newKey() };
  return { ...init, params: { ...init.params, header: { ...key, ...init.params?.header } } };
}

/** Not `randomUUID`, which pages have over HTTPS alone, and a service of one's own may be asked in the local network. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
