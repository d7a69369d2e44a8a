import { getSchemaPath, type OpenAPIObject } from '@nestjs/swagger';
import { type ErrorCode, errorEntry } from '../common/errors/catalogue.js';
import type { ErrorStatus } from '../common/errors/error-entry.js';
import { errorHeaders } from './api-headers.js';
import type { ErrorBody } from './error-body.js';
import { ErrorResponse } from './error.response.js';

type Responses = NonNullable<NonNullable<OpenAPIObject['components']>['responses']>;
type Codes = readonly [ErrorCode, ...ErrorCode[]];

/** What calls of all kinds can be answered, by status. What one route answers besides is said there. */
export const COMMON_ERRORS = {
  400: [
    'validation_failed',
    'invalid_id',
    'invalid_cursor',
    'organization_id_required',
    'invalid_json',
    'invalid_body',
    'bad_request',
    'malformed_request',
  ],
  401: ['unauthorized'],
  403: [
    'organization_forbidden',
    'permission_denied',
    'no_membership',
    'origin_not_allowed',
    'host_not_allowed',
  ],
  413: ['body_too_large'],
  415: ['unsupported_media_type', 'unsupported_encoding'],
  429: ['rate_limited', 'too_many_concurrent_requests', 'too_many_requests'],
  500: ['internal_error', 'database_rejected'],
  503: ['database_unavailable', 'signing_keys_unavailable', 'shutting_down'],
} as const satisfies Partial<Record<ErrorStatus, Codes>>;

/** A status that calls of all kinds can be answered. */
export type CommonErrorStatus = keyof typeof COMMON_ERRORS;

/** Statuses of which each route says what they mean there: a description, and an example. */
const OTHER_ERRORS: Partial<Record<ErrorStatus, [description: string, example: ErrorCode]>> = {
  404: ['There is no such object, or it belongs to another organization.', 'instance_not_found'],
  406: ['None of the accepted formats can be made.', 'not_acceptable'],
  409: ['The object is in a state in which this cannot be done.', 'instance_not_connected'],
  410: ['What was asked for is not kept any more.', 'events_expired'],
  412: ['The object is not as the caller has seen it.', 'changed_meanwhile'],
  422: ['WhatsApp refused it, and would refuse it again.', 'whatsapp_contact_restricted'],
};

/** @returns the failed calls of the API documentation, by status: the components to which operations refer */
export function errorResponses(): Responses {
  const common = Object.values<Codes>(COMMON_ERRORS).map((codes) => response(errorList(codes), codes[0]));
  const others = Object.values(OTHER_ERRORS).map(([description, example]) => response(description, example));
  return Object.fromEntries([...common, ...others].toSorted(([a], [b]) => Number(a) - Number(b)));
}

/**
 * @param codes of one status
 * @returns each with what is wrong, as Markdown; what to do about it is in the answer, and in docs/errors.md
 */
export function errorList(codes: readonly ErrorCode[]): string {
  const lines = codes.map((code) => `\`${code}\`: ${whatIsWrong(errorEntry(code).sentence)}`);
  return lines.length === 1 ? lines[0]! : lines.map((line) => `- ${line}`).join('\n');
}

/** @returns a sentence up to where it goes on with what to do */
function whatIsWrong(sentence: string): string {
  return `${/^.*?(?=[.:;] |[.]$)/.exec(sentence)?.[0] ?? sentence}.`;
}

function response(description: string, example: ErrorCode): [status: string, component: Responses[string]] {
  const { status } = errorEntry(example);
  const content = { schema: { $ref: getSchemaPath(ErrorResponse) }, example: exampleOf(example) };
  return [
    String(status),
    { description, headers: errorHeaders(status), content: { 'application/json': content } },
  ];
}

function exampleOf(code: ErrorCode): ErrorBody {
  const { status, sentence } = errorEntry(code);
  const details = [{ path: 'organization_id', message: 'is required' }];
  return {
    success: false,
    error: sentence,
    code,
    requestId: '6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10',
    ...(status === 400 ? { details } : {}),
  };
}
