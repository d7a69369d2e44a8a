import { describe, expect, it } from 'vitest';
import { loggedPath } from './logged-path.js';

describe('loggedPath', () => {
  it.each([
    ['/', '/'],
    ['/api/contacts', '/api/contacts'],
    ['/api/contacts?search=Ana&phone_number=5511988880001', '/api/contacts'],
    [
      '/api/whatsapp/instances/0b6b8d3e-3f5e-4a4f-9a0e-123456789012/send',
      '/api/whatsapp/instances/0b6b8d3e-3f5e-4a4f-9a0e-123456789012/send',
    ],
    ['/api/organizations/org_123/members', '/api/organizations/org_123/members'],
    ['/api/contacts/5511988880001', '/api/contacts/[hidden]'],
    ['/api/contacts/+5511988880001/x', '/api/contacts/[hidden]/x'],
    ['/api/contacts/551198888-0001@s.whatsapp.net', '/api/contacts/[hidden]'],
    ['/api/contacts/what%20I%20wanted%20to%20say', '/api/contacts/[hidden]'],
    [`/api/contacts/auz_0123abcd_${'k'.repeat(43)}`, '/api/contacts/[hidden]'],
    [`/api/${'k'.repeat(24)}`, '/api/[hidden]'],
  ])('shows %s as %s', (url, shown) => {
    expect(loggedPath(url)).toBe(shown);
  });
});
