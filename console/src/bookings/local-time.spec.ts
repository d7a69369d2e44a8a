import { expect, it } from 'vitest';
import { fromLocalInput, toLocalInput } from './local-time.ts';

it('gives back the moment that was written', () => {
  const moment = '2026-03-08T12:30:00.000Z';
  expect(fromLocalInput(toLocalInput(moment))).toBe(moment);
});

it('writes a moment as the device has it', () => {
  const date = new Date(2026, 6, 4, 9, 5);
  expect(toLocalInput(date.toISOString())).toBe('2026-07-04T09:05');
});

it('knows no moment where none is written', () => {
  expect(fromLocalInput('')).toBeNull();
  expect(toLocalInput(null)).toBe('');
});
