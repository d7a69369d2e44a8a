import { BadRequestException, HttpException, NotFoundException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { AppError } from '../common/app-error.js';
import { toErrorAnswer } from './error-answer.js';
import { HttpFault } from './http-fault.js';

describe('toErrorAnswer', () => {
  it.each([
    [new AppError('validation_failed', { message: 'Bad.' }), 400, 'validation_failed'],
    [new AppError('unauthorized', { message: 'Who?' }), 401, 'unauthorized'],
    [new AppError('permission_denied', { message: 'No.' }), 403, 'permission_denied'],
    [new AppError('instance_not_found', { message: 'Gone.' }), 404, 'instance_not_found'],
    [new AppError('instance_not_connected', { message: 'Busy.' }), 409, 'instance_not_connected'],
    [new AppError('shutting_down'), 503, 'shutting_down'],
    [new AppError('send_failed'), 500, 'send_failed'],
    [new AppError('whatsapp_contact_restricted'), 422, 'whatsapp_contact_restricted'],
    [new AppError('whatsapp_rate_limited'), 429, 'whatsapp_rate_limited'],
    [new AppError('whatsapp_unavailable'), 503, 'whatsapp_unavailable'],
    [new AppError('not_confirmed'), 409, 'not_confirmed'],
    [new AppError('recipient_not_on_whatsapp'), 400, 'recipient_not_on_whatsapp'],
    [new AppError('database_unavailable'), 503, 'database_unavailable'],
    [new HttpFault('body_too_large'), 413, 'body_too_large'],
    [new NotFoundException('Cannot GET /secret'), 404, 'route_not_found'],
    [new BadRequestException('secret'), 400, 'bad_request'],
    [new HttpException('secret', 418), 500, 'internal_error'],
    [new Error('secret'), 500, 'internal_error'],
    ['secret', 500, 'internal_error'],
    [undefined, 500, 'internal_error'],
  ])('answers %o with %i %s', (exception, status, code) => {
    const answer = toErrorAnswer(exception);

    expect(answer).toMatchObject({ status, code });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  it('shows details with status 400 alone, and always', () => {
    const details = [{ path: 'a', message: 'is required' }];
    const whole = [{ path: '', message: 'Bad.' }];

    expect(toErrorAnswer(new AppError('validation_failed', { message: 'Bad.', details })).details).toEqual(
      details,
    );
    expect(toErrorAnswer(new AppError('validation_failed', { message: 'Bad.' })).details).toEqual(whole);
    expect(
      toErrorAnswer(new AppError('validation_failed', { message: 'Bad.', details: [] })).details,
    ).toEqual(whole);
    expect(toErrorAnswer(new HttpFault('bad_request', { message: 'Bad.' })).details).toEqual(whole);
    expect(toErrorAnswer(new BadRequestException('secret')).details).toMatchObject([{ path: '' }]);
    expect(
      toErrorAnswer(new AppError('instance_not_connected', { message: 'Busy.', details })).details,
    ).toBeUndefined();
  });

  it('says how to authenticate and when to come back', () => {
    expect(toErrorAnswer(new AppError('unauthorized')).headers).toHaveProperty('WWW-Authenticate');
    expect(toErrorAnswer(new AppError('database_unavailable')).headers).toHaveProperty('Retry-After');
    expect(toErrorAnswer(new AppError('too_many_requests'))).toMatchObject({
      status: 429,
      headers: { 'Retry-After': '2' },
    });
  });
});
