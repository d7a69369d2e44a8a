import { expect, it } from 'vitest';
import {
  type BookingDraft,
  changesOf,
  EMPTY_DRAFT,
  nextHour,
  timeFault,
  withService,
  withStart,
} from './booking-draft.ts';

const draft = (changes: Partial<BookingDraft>): BookingDraft => ({ ...EMPTY_DRAFT, ...changes });

it('sends nothing of what was not changed', () => {
  expect(changesOf(draft({ title: 'Haircut' }), draft({ title: 'Haircut' }))).toEqual({});
});

it('leaves the end to the duration of the service where only the start is moved', () => {
  const before = draft({ startsAt: '2026-03-01T09:00', endsAt: '2026-03-01T10:00' });
  const { ends_at, starts_at } = changesOf({ ...before, startsAt: '2026-03-02T09:00' }, before);
  expect(starts_at).toBe(new Date('2026-03-02T09:00').toISOString());
  expect(ends_at).toBeUndefined();
});

it('takes away what was emptied, and the end with the start', () => {
  const before = draft({ title: 'Haircut', startsAt: '2026-03-01T09:00', endsAt: '2026-03-01T10:00' });
  expect(changesOf({ ...before, title: ' ', startsAt: '' }, before)).toEqual({
    title: null,
    starts_at: null,
    ends_at: null,
  });
});

it.each([
  ['', '', undefined],
  ['2026-03-01T09:00', '', undefined],
  ['', '2026-03-01T09:00', 'startMissing'],
  ['2026-03-01T09:00', '2026-03-01T09:00', 'endTooEarly'],
  ['2026-03-01T09:00', '2026-03-01T08:00', 'endTooEarly'],
  ['2026-03-01T09:00', '2026-03-01T09:30', undefined],
] as const)('from %s to %s: %s', (startsAt, endsAt, fault) => {
  expect(timeFault(draft({ startsAt, endsAt }))).toBe(fault);
});

it('moves the end with the start, and ends with the service', () => {
  const at = draft({ startsAt: '2026-03-01T09:00', endsAt: '2026-03-01T10:30' });
  expect(withStart(at, '2026-03-02T23:00').endsAt).toBe('2026-03-03T00:30');
  expect(withStart(draft({ serviceId: 'a' }), '2026-03-02T09:00', 45).endsAt).toBe('2026-03-02T09:45');
  expect(withStart(EMPTY_DRAFT, '2026-03-02T09:00').endsAt).toBe('');
  expect(withStart(at, '').endsAt).toBe('');
  expect(withService(at, 'a', 45)).toEqual({ ...at, serviceId: 'a', endsAt: '2026-03-01T09:45' });
  expect(withService(EMPTY_DRAFT, 'a', 45)).toEqual({ ...EMPTY_DRAFT, serviceId: 'a' });
});

it('begins at the next full hour, and takes one', () => {
  expect(nextHour(new Date('2026-03-01T09:05'))).toEqual({
    startsAt: '2026-03-01T10:00',
    endsAt: '2026-03-01T11:00',
  });
});
