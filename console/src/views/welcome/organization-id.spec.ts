import { expect, it } from 'vitest';
import { organizationIdOf } from './organization-id.ts';

it.each([
  ['Clínica Sol', 'clinica-sol-ab12cd'],
  ['  Pet & Cia. – Centro ', 'pet-cia-centro-ab12cd'],
  ['猫', 'org-ab12cd'],
  ['x'.repeat(80), `${'x'.repeat(40)}-ab12cd`],
])('makes of %j the id %s', (name, expected) => {
  expect(organizationIdOf(name, 'ab12cdef')).toBe(expected);
  expect(expected).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
});
