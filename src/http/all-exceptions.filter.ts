import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { Logs } from '../logging/logs.js';
import { AppError } from '../common/app-error.js';
import { isDecodable } from '../common/is-decodable.js';
import { allowedMethods } from './allowed-methods.js';
import { type ErrorAnswer, toErrorAnswer, toErrorBody } from './error-answer.js';
import { HttpFault } from './http-fault.js';
import { requestIdOf } from './request-id.js';

/** Answers every exception of an HTTP request in the contract's shape, and logs it at the level of its kind. */
@Catch()
export class AllExceptionsFilter implements ExceptionFilter {
  private readonly log: Logger;

  constructor(logs: Logs) {
    this.log = logs.component('http');
  }

  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const answer = toErrorAnswer(refine(exception, request));
    this.record(exception, answer, request);
    if (response.headersSent) {
      response.destroy(); // half an answer can't be corrected, only cut off
      return;
    }
    response.status(answer.status).set(answer.headers);
    response.json(toErrorBody(answer, requestIdOf(request)));
  }

  private record(exception: unknown, answer: ErrorAnswer, request: Request): void {
    const fields = { requestId: requestIdOf(request), status: answer.status, code: answer.code };
    const isExpected = answer.logLevel === 'debug' || answer.logLevel === 'info';
    this.log[answer.logLevel](isExpected ? fields : { ...fields, err: exception }, 'request failed');
  }
}

/** The framework tells neither what is wrong with an address, nor that it has other methods. */
function refine(exception: unknown, request: Request): unknown {
  if (!(exception instanceof HttpException)) {
    return exception;
  }
  switch (exception.getStatus()) {
    case 400:
      return isDecodable(request.path) ? exception : brokenAddress();
    case 404:
      return refineNotFound(exception, request);
    default:
      return exception;
  }
}

function brokenAddress(): AppError {
  return new AppError('bad_request', {
    message: 'The address can not be read: a % in it begins no escape (%20), or escapes are not UTF-8.',
  });
}

function refineNotFound(exception: unknown, request: Request): unknown {
  const methods = allowedMethods(request.app, request.path);
  if (methods.length === 0 || methods.includes(request.method)) {
    return exception;
  }
  const allow = methods.join(', ');
  return new HttpFault('method_not_allowed', {
    message: `This address answers to ${allow}.`,
    headers: { Allow: allow },
  });
}
