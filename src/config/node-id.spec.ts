import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { defaultNodeId, isProcessGone } from './node-id.js';

const ended = spawnSync(process.execPath, ['--version']).pid;

describe('isProcessGone', () => {
  it('tells that a process of this host has ended', () => {
    expect(isProcessGone(`${hostname()}/${ended}`)).toBe(true);
  });

  it.each([
    ['itself', defaultNodeId()],
    ['a process of another host', `another-${hostname()}/${ended}`],
    ['one with a name of its own', 'api-1'],
    ['one whose name only looks like it', `${hostname()}-${ended}`],
  ])('knows nothing of the kind about %s', (_, nodeId) => {
    expect(isProcessGone(nodeId)).toBe(false);
  });
});
