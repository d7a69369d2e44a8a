/** What a figure of this service should be: itself, or as a ratio to bare Baileys' in the same run. */
export interface Aim {
  of: 'ratio' | 'value';
  is: '≥' | '≤' | '<';
  bound: number;
}

const HOLDS: Record<Aim['is'], (figure: number, bound: number) => boolean> = {
  '≥': (figure, bound) => figure >= bound,
  '≤': (figure, bound) => figure <= bound,
  '<': (figure, bound) => figure < bound,
};

/** @returns undefined where the figure was not measured */
export function isMet(aim: Aim, figures: Partial<Record<Aim['of'], number>>): boolean | undefined {
  const figure = figures[aim.of];
  return figure === undefined ? undefined : HOLDS[aim.is](figure, aim.bound);
}

/** @returns for a terminal, e.g. `ratio ≥ 0.8` */
export function describeAim({ of, is, bound }: Aim): string {
  return `${of === 'ratio' ? 'ratio ' : ''}${is} ${bound}`;
}
