import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { defaultNodeId, isProcessGone } from './node-id.js';

const ended = spawnSync(process.execPath, ['--version']).pid;
const here = defaultNodeId().replace(/\/\d+$/, '');

describe('isProcessGone', () => {
  it('tells that a process of this host and namespace has ended', () => {
    expect(isProcessGone(`${here}/${ended}`)).toBe(true);
  });

  it.each([
    ['itself', defaultNodeId()],
    ['a process of another host', `another-${here}/${ended}`],
    ['one of another namespace on this host', `${hostname()}/0123abcd/${ended}`],
    ['one of this host whose namespace is not known', `${hostname()}/0/${ended}`],
    ['one with a name of its own', 'api-1'],
    ['one whose name only looks like it', `${here}-${ended}`],
  ])('knows nothing of the kind about %s', (_, nodeId) => {
    expect(isProcessGone(nodeId)).toBe(false);
  });
});
