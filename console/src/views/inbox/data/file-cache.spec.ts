import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FileCache } from './file-cache.ts';

let reads: { path: string; signal: AbortSignal }[];
const revoked = vi.fn<(url: string) => void>();
const read = (path: string, signal: AbortSignal) => {
  reads.push({ path, signal });
  return path === 'broken' ? Promise.reject(new Error('gone')) : Promise.resolve(new Blob(['1234567890']));
};

beforeEach(() => {
  reads = [];
  let count = 0;
  vi.spyOn(URL, 'createObjectURL').mockImplementation(() => `blob:${(count += 1)}`);
  vi.spyOn(URL, 'revokeObjectURL').mockImplementation(revoked);
});
afterEach(() => {
  vi.restoreAllMocks();
  revoked.mockClear();
});

it('reads a file once for all who show it, and keeps it for who comes later', async () => {
  const cache = new FileCache(read);
  const [a, b] = [cache.take('a'), cache.take('a')];
  expect(await a.url).toBe(await b.url);
  a.release();
  b.release();

  expect(await cache.take('a').url).toBe('blob:1');
  expect(reads).toHaveLength(1);
  expect(revoked).not.toHaveBeenCalled();
});

it('reads on no further what nobody waits for', () => {
  const use = new FileCache(read).take('a');
  use.release();

  expect(reads[0]!.signal.aborted).toBe(true);
});

it('forgets the longest unused beyond its bound, and nothing that is shown', async () => {
  const cache = new FileCache(read, 25);
  const shown = cache.take('shown');
  await shown.url;
  for (const path of ['b', 'c']) {
    const use = cache.take(path);
    await use.url;
    use.release();
  }

  expect(revoked.mock.calls).toEqual([['blob:2']]);
  cache.clear();
  expect(revoked.mock.calls).toEqual([['blob:2'], ['blob:3']]);
  shown.release();
  expect(revoked).toHaveBeenLastCalledWith('blob:1');
});

it('tells that a file does not come, and tries it again for the next one', async () => {
  const cache = new FileCache(read);
  await expect(cache.take('broken').url).rejects.toThrow('gone');
  await expect(cache.take('broken').url).rejects.toThrow('gone');

  expect(reads).toHaveLength(2);
});
