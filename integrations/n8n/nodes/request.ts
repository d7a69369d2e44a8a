import {
  type IDataObject,
  type IExecuteFunctions,
  type IHookFunctions,
  type IHttpRequestMethods,
  type ILoadOptionsFunctions,
  type JsonObject,
  NodeApiError,
} from 'n8n-workflow';

const TIMEOUT_MS = 60_000;
const PAGE = 100;

type Caller = IExecuteFunctions | IHookFunctions | ILoadOptionsFunctions;

export interface Call {
  qs?: IDataObject;
  body?: IDataObject;
  headers?: IDataObject;
  itemIndex?: number;
}

/**
 * Calls the service with the credentials of the node.
 * @param path with its slash, such as `/api/me`
 * @throws NodeApiError with the service's own sentence
 */
export async function request<Answer>(
  caller: Caller,
  method: IHttpRequestMethods,
  path: string,
  { qs, body, headers, itemIndex }: Call = {},
): Promise<Answer> {
  const { baseUrl } = await caller.getCredentials<{ baseUrl: string }>('auzapApi');
  try {
    return (await caller.helpers.httpRequestWithAuthentication.call(caller, 'auzapApi', {
      method,
      baseURL: baseUrl.replace(/\/+$/, ''),
      url: path,
      json: true,
      timeout: TIMEOUT_MS,
      ...(qs && { qs }),
      ...(body && { body }),
      ...(headers && { headers }),
    })) as Answer;
  } catch (error) {
    throw failureOf(caller, error, itemIndex);
  }
}

/** n8n's own error says little more than a status; the sentence of the service is what people need. */
function failureOf(caller: Caller, error: unknown, itemIndex: number | undefined): NodeApiError {
  const item = itemIndex !== undefined && { itemIndex };
  const { error: message, code } = refusalIn(error);
  if (message === undefined) {
    return new NodeApiError(caller.getNode(), error as JsonObject, { ...item });
  }
  const httpCode = error instanceof NodeApiError ? (error.httpCode ?? undefined) : undefined;
  return new NodeApiError(
    caller.getNode(),
    { message },
    {
      message,
      ...(code !== undefined && { description: `The service calls this ${code}.` }),
      ...(httpCode !== undefined && { httpCode }),
      ...item,
    },
  );
}

/** @returns the rows of a list: as many as are wanted, over as many pages as it takes */
export async function listOf<Row extends object = IDataObject>(
  caller: Caller,
  path: string,
  key: string,
  { qs = {}, limit, itemIndex }: { qs?: IDataObject; limit: number; itemIndex?: number },
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const page: IDataObject = {
      ...qs,
      limit: Math.min(PAGE, limit - rows.length),
      ...(cursor !== null && { cursor }),
    };
    const answer: IDataObject = await request(caller, 'GET', path, {
      qs: page,
      ...(itemIndex !== undefined && { itemIndex }),
    });
    rows.push(...(answer[key] as Row[]));
    cursor = answer['next_cursor'] as string | null;
  } while (cursor !== null && rows.length < limit);
  return rows;
}

/** What the service answered, where n8n keeps it of a failed call. */
function refusalIn(error: unknown): { code?: string; error?: string } {
  const data = error instanceof NodeApiError ? error.context['data'] : undefined;
  return typeof data === 'object' && data !== null ? data : {};
}

/** As `request`. @returns undefined where the service says that what was asked for is not there */
export async function requestUnlessMissing<Answer>(
  caller: Caller,
  method: IHttpRequestMethods,
  path: string,
): Promise<Answer | undefined> {
  try {
    return await request<Answer>(caller, method, path);
  } catch (error) {
    if (error instanceof NodeApiError && error.httpCode === '404') {
      return undefined;
    }
    throw new NodeApiError(caller.getNode(), error as JsonObject);
  }
}
