/**
 * What these nodes use of n8n's interface, in our own words: the package `n8n-workflow` itself is neither free software nor light, and
 * n8n brings it where the nodes run (`peerDependencies`). Names and meanings: https://docs.n8n.io/integrations/creating-nodes/
 */
declare module 'n8n-workflow' {
  export type JsonValue = string | number | boolean | null | undefined | object;
  export interface IDataObject {
    [key: string]: JsonValue | JsonValue[];
  }
  export type JsonObject = IDataObject;

  export interface INodeExecutionData {
    json: IDataObject;
    pairedItem?: { item: number };
  }

  export type IHttpRequestMethods = 'GET' | 'POST' | 'PATCH' | 'DELETE';
  export interface IHttpRequestOptions {
    url: string;
    baseURL?: string;
    method?: IHttpRequestMethods;
    headers?: IDataObject;
    qs?: IDataObject;
    body?: IDataObject;
    json?: boolean;
    timeout?: number;
  }

  export interface INodePropertyOptions {
    name: string;
    value: string | number | boolean;
    description?: string;
    action?: string;
  }
  export interface INodeProperties {
    displayName: string;
    name: string;
    type: 'string' | 'number' | 'boolean' | 'options' | 'multiOptions' | 'collection' | 'dateTime';
    typeOptions?: {
      password?: boolean;
      rows?: number;
      minValue?: number;
      maxValue?: number;
      loadOptionsMethod?: string;
    };
    default: string | number | boolean | string[] | Record<string, never>;
    description?: string;
    hint?: string;
    placeholder?: string;
    required?: boolean;
    noDataExpression?: boolean;
    options?: Array<INodePropertyOptions | INodeProperties>;
    displayOptions?: { show?: Record<string, Array<string | boolean>> };
  }

  type Icon = `file:${string}` | { light: `file:${string}`; dark: `file:${string}` };

  export const NodeConnectionTypes: { readonly Main: 'main' };
  export interface INodeTypeDescription {
    displayName: string;
    name: string;
    icon: Icon;
    group: Array<'transform' | 'trigger'>;
    version: number;
    subtitle?: string;
    description: string;
    defaults: { name: string };
    inputs: Array<'main'>;
    outputs: Array<'main'>;
    usableAsTool?: true;
    credentials?: Array<{ name: string; required: boolean }>;
    webhooks?: Array<{ name: 'default'; httpMethod: 'POST'; responseMode: 'onReceived'; path: string }>;
    properties: INodeProperties[];
  }

  interface Functions {
    getNode(): INode;
    getCredentials<Values extends object>(type: string): Promise<Values>;
    helpers: {
      httpRequestWithAuthentication(
        this: Functions,
        credentialsType: string,
        requestOptions: IHttpRequestOptions,
      ): Promise<unknown>;
    };
  }
  export interface INode {
    id: string;
    name: string;
  }
  export interface IExecuteFunctions extends Functions {
    getInputData(): INodeExecutionData[];
    getNodeParameter(name: string, itemIndex: number, fallback?: unknown): unknown;
    getExecutionId(): string;
    getWorkflowDataProxy(itemIndex: number): { $runIndex: number };
    continueOnFail(): boolean;
  }
  export interface ILoadOptionsFunctions extends Functions {
    getCurrentNodeParameter(name: string): unknown;
  }
  interface WorkflowFunctions extends Functions {
    getNodeParameter(name: string, fallback?: unknown): unknown;
    getWorkflowStaticData(type: 'node'): IDataObject;
  }
  export interface IHookFunctions extends WorkflowFunctions {
    getNodeWebhookUrl(name: 'default'): string | undefined;
    getWorkflow(): { id?: string; name?: string };
  }
  export interface IWebhookFunctions extends WorkflowFunctions {
    getRequestObject(): {
      headers: Record<string, string | string[] | undefined>;
      rawBody?: Buffer;
      readRawBody?: () => Promise<void>;
    };
    getResponseObject(): {
      status(code: number): { send(body: string): unknown };
    };
    getBodyData(): IDataObject;
  }
  export interface IWebhookResponseData {
    workflowData?: INodeExecutionData[][];
    noWebhookResponse?: boolean;
  }

  export interface INodeType {
    description: INodeTypeDescription;
    methods?: {
      loadOptions?: Record<string, (this: ILoadOptionsFunctions) => Promise<INodePropertyOptions[]>>;
    };
    webhookMethods?: {
      default: Record<'checkExists' | 'create' | 'delete', (this: IHookFunctions) => Promise<boolean>>;
    };
    execute?(this: IExecuteFunctions): Promise<INodeExecutionData[][]>;
    webhook?(this: IWebhookFunctions): Promise<IWebhookResponseData>;
  }

  export interface ICredentialTestRequest {
    request: IHttpRequestOptions;
  }
  export interface IAuthenticateGeneric {
    type: 'generic';
    properties: { headers: Record<string, string> };
  }
  export interface ICredentialType {
    name: string;
    displayName: string;
    icon?: Icon;
    documentationUrl?: string;
    properties: INodeProperties[];
    authenticate: IAuthenticateGeneric;
    test: ICredentialTestRequest;
  }

  export class NodeApiError extends Error {
    constructor(
      node: INode,
      error: JsonObject,
      options?: { message?: string; description?: string; httpCode?: string; itemIndex?: number },
    );
    httpCode: string | null;
    /** `data`: what was answered to a call that failed. */
    context: IDataObject;
  }
  export class NodeOperationError extends Error {
    constructor(node: INode, error: string, options?: { description?: string; itemIndex?: number });
  }
}
