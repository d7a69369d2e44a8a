import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { ErrorBody } from './error-body.js';
import { ErrorResponse } from './error.response.js';

type Sample = Pick<ErrorBody, 'code' | 'error' | 'details'> & { description: string };

const REQUEST_ID = '6f1c1a52-5f0e-4b0e-9d0c-2f4a3f6f7a10';

const SAMPLES = {
  400: {
    description: 'The input is malformed, incomplete or refused.',
    code: 'validation_failed',
    error: 'The input is invalid: organization_id: is required.',
    details: [{ path: 'organization_id', message: 'is required' }],
  },
  401: {
    description: 'No valid token was sent (only where authentication is required).',
    code: 'unauthorized',
    error: 'Send a valid token: Authorization: Bearer <token>.',
  },
  403: {
    description: 'The caller may not do this, or the web page it comes from may not call.',
    code: 'organization_forbidden',
    error: 'The token does not allow this in this organization.',
  },
  404: {
    description: 'There is no such object, or it belongs to another organization.',
    code: 'instance_not_found',
    error: 'There is no instance with this id.',
  },
  406: {
    description: 'None of the accepted formats can be made.',
    code: 'not_acceptable',
    error: 'The QR code comes as image/png, image/svg+xml, text/plain or application/json.',
  },
  409: {
    description: 'The instance is in a state in which this cannot be done.',
    code: 'instance_not_connected',
    error: 'The instance is not connected to WhatsApp.',
  },
  413: {
    description: 'The body is larger than 512 kB, which no valid one is.',
    code: 'body_too_large',
    error: 'The body is larger than 512 kB.',
  },
  415: {
    description: 'The body is not JSON.',
    code: 'unsupported_media_type',
    error: 'Send the body as JSON: Content-Type: application/json.',
  },
  429: {
    description:
      'Too many calls of this token, organization or address (`rate_limited`), too many of them at a time (`too_many_concurrent_requests`), or for this instance (`too_many_requests`); `Retry-After` says when to try again.',
    code: 'rate_limited',
    error: 'Too many calls with this token: 3000 a minute are allowed; try again in 17 s.',
  },
  500: {
    description: 'Something failed on our side or at WhatsApp.',
    code: 'internal_error',
    error: 'Something went wrong on our side. The request id finds it in the log.',
  },
  503: {
    description: 'The database cannot be reached; try again.',
    code: 'database_unavailable',
    error: 'The database cannot be reached at the moment; try again.',
  },
} as const satisfies Record<number, Sample>;

/** An error of one route, where the general example would mislead. */
export interface DocumentedError extends Sample {
  status: number;
}

/** Error statuses that the documentation knows an example for. */
export type DocumentedErrorStatus = keyof typeof SAMPLES;

/**
 * Documents the errors of a route, each with the schema and a realistic example. Those that any authenticated route can
 * answer (401, 403, 429, 500, 503) are added by themselves.
 * @param errors the others: a status, or a whole example for it
 */
export function ApiErrors(
  ...errors: (DocumentedErrorStatus | DocumentedError)[]
): MethodDecorator & ClassDecorator {
  const always: DocumentedErrorStatus[] = [401, 403, 429, 500, 503];
  const given = errors.map((error) => (typeof error === 'number' ? sampleOf(error) : error));
  const others = always.filter((status) => given.every((error) => error.status !== status)).map(sampleOf);
  const all = [...given, ...others];
  return applyDecorators(
    ApiExtraModels(ErrorResponse),
    ...all.toSorted((a, b) => a.status - b.status).map(response),
  );
}

function sampleOf(status: DocumentedErrorStatus): DocumentedError {
  return { status, ...SAMPLES[status] };
}

function response(documented: DocumentedError): MethodDecorator & ClassDecorator {
  const { status, description, code, error, ...rest } = documented;
  return ApiResponse({
    status,
    description,
    content: {
      'application/json': {
        schema: { $ref: getSchemaPath(ErrorResponse) },
        example: { success: false, error, code, requestId: REQUEST_ID, ...rest },
      },
    },
  });
}
