import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, type ApiResponseOptions } from '@nestjs/swagger';
import { type ErrorCode, errorEntry } from '../common/errors/catalogue.js';
import { COMMON_ERRORS, type CommonErrorStatus, errorList } from './error-responses.js';
import { ErrorResponse } from './error.response.js';

/** What every route that asks who calls can answer. */
const ALWAYS = [401, 403, 429, 500, 503] as const satisfies CommonErrorStatus[];

/**
 * Documents the errors of a route, by status: a reference to what all routes answer with it, and the route's own codes with their
 * sentences. Those that any authenticated route can answer (401, 403, 429, 500, 503) are added by themselves.
 * @param errors the others: the codes of the route, and the statuses of which it answers nothing but what all routes do
 */
export function ApiErrors(...errors: (CommonErrorStatus | ErrorCode)[]): MethodDecorator & ClassDecorator {
  const codes = errors.filter((error) => typeof error === 'string');
  const byStatus = Map.groupBy(codes, (code) => errorEntry(code).status as number);
  const statuses = new Set<number>([...byStatus.keys(), ...ALWAYS]);
  errors.filter((error) => typeof error === 'number').forEach((status) => statuses.add(status));
  return applyDecorators(
    ApiExtraModels(ErrorResponse),
    ...[...statuses].toSorted((a, b) => a - b).map((status) => response(status, byStatus.get(status))),
  );
}

/** Documents what a route that is open to everybody answers to a call under a name that it does not answer to. */
export function ApiPublicErrors(): MethodDecorator {
  return applyDecorators(ApiExtraModels(ErrorResponse), response(403, ['host_not_allowed']));
}

function response(status: number, codes: readonly ErrorCode[] | undefined): MethodDecorator & ClassDecorator {
  // Nest's types know no references here, which it leaves as they are.
  const options: ApiResponseOptions & { $ref: string } = { status, $ref: `#/components/responses/${status}` };
  return ApiResponse(
    codes === undefined ? options : { ...options, description: descriptionOf(status, codes) },
  );
}

/** Takes the place of the description of what is referred to. */
function descriptionOf(status: number, codes: readonly ErrorCode[]): string {
  const isCommon = codes.some((code) =>
    (COMMON_ERRORS as Record<number, readonly ErrorCode[]>)[status]?.includes(code),
  );
  return status in COMMON_ERRORS && !isCommon
    ? `${errorList(codes)}\n\nOr as in every call.`
    : errorList(codes);
}
