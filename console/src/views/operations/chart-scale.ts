/** @returns the smallest of 1, 2, 5, 10, 20, 50 … that holds a value: where an axis ends */
export function axisEnd(value: number): number {
  if (value <= 1) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 5, 10].find((step) => step * power >= value)!;
}

/**
 * @param values from left to right; null is a gap
 * @returns lines of an SVG path in a field of `width` to `height`, with 0 at its bottom and `end` at its top
 */
export function linePath(
  values: readonly (number | null)[],
  { width, height, end }: { width: number; height: number; end: number },
): string {
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let isDrawing = false;
  return values
    .map((value, at) => {
      if (value === null) {
        isDrawing = false;
        return '';
      }
      const verb = isDrawing ? 'L' : 'M';
      isDrawing = true;
      // A point that stands alone is a line of no length, which round ends show.
      const isAlone = verb === 'M' && (values[at + 1] ?? null) === null;
      const place = `${round(at * step)} ${round(height - (value / end) * height)}`;
      return `${verb}${place}${isAlone ? `L${place}` : ''}`;
    })
    .join('');
}

const round = (value: number) => Math.round(value * 10) / 10;
