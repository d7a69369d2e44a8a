import type { CSSProperties } from 'react';
import type { Schemas } from '../../../api/client.ts';

type Size = Pick<Schemas['MessageMediaResponse'], 'width' | 'height'>;

/**
 * @param rem how wide or high it may be
 * @returns the room that a picture takes, known before it is here: nothing jumps when it comes
 */
export function boxOf(size: Size | null, rem: number): CSSProperties {
  const width = size?.width ?? 0;
  const height = size?.height ?? 0;
  if (width <= 0 || height <= 0) {
    return { width: `${rem}rem`, aspectRatio: '4 / 3' };
  }
  const ratio = Math.min(Math.max(width / height, 0.4), 3);
  return { width: `${(ratio >= 1 ? rem : rem * ratio).toFixed(2)}rem`, aspectRatio: String(ratio) };
}
