import { expect, it } from 'vitest';
import { SettledPairs } from './settled-pairs.js';

it.each<[string, boolean, Parameters<SettledPairs['written']>[0]]>([
  ['a session under a LID', true, { session: { '200000000001_1.0': null } }],
  ['a pre-key', true, { 'pre-key': { 1: null } }],
  ['a session under a number', false, { session: { '200000000001_1.0': null, '5521988776655.0': null } }],
  ['a pair', false, { 'lid-mapping': { '5521988776600': '200000000009' } }],
  ['devices', false, { 'device-list': { '5521988776655': ['0', '7'] } }],
])('after a write of %s remembering a pair is %s', (_name, expected, data) => {
  const pairs = new SettledPairs();
  pairs.add('5521988776655', '200000000001');
  pairs.written(data);

  expect(pairs.has('5521988776655', '200000000001')).toBe(expected);
  expect(pairs.has('5521988776655', '200000000002')).toBe(false);
});
