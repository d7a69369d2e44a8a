import { describe, expect, it } from 'vitest';
import type { AppConfig } from '../config/app-config.js';
import { OriginPolicy } from './origin-policy.js';

function policy(corsOrigins: string[], authMode: AppConfig['authMode'] = 'open'): OriginPolicy {
  return new OriginPolicy({ corsOrigins, authMode });
}

describe('OriginPolicy', () => {
  it.each([
    [undefined, 'localhost:3000', true],
    ['http://localhost:5173', 'localhost:3000', true],
    ['http://localhost:3000', 'localhost:3000', true],
    ['https://api.example.com', 'api.example.com', true],
    ['http://localhost:5174', 'localhost:3000', false],
    ['http://localhost:5173.evil.example', 'localhost:3000', false],
    ['null', 'localhost:3000', false],
    ['https://evil.example', undefined, false],
  ])('judges a page of %s at host %s: %s', (origin, host, isAllowed) => {
    expect(policy(['http://localhost:5173']).allowsOrigin(origin, host)).toBe(isAllowed);
  });

  it('lets any page in where the configuration says so', () => {
    expect(policy(['*']).allowsOrigin('https://any.example', 'localhost')).toBe(true);
  });

  it.each([
    ['localhost', true],
    ['localhost:3000', true],
    ['app.localhost:3000', true],
    ['127.0.0.1:3000', true],
    ['[::1]:3000', true],
    ['rebound.example:3000', false],
    ['127.0.0.1.evil.example', false],
    ['localhost.evil.example', false],
    ['', false],
    [undefined, true],
  ])('lets an open service answer to host %s: %s', (host, isAllowed) => {
    expect(policy([]).allowsHost(host)).toBe(isAllowed);
  });

  it('answers to any name where a token is required, and to configured ones', () => {
    expect(policy([], 'required').allowsHost('api.example.com')).toBe(true);
    expect(policy(['https://dev.example.com']).allowsHost('dev.example.com')).toBe(true);
  });
});
