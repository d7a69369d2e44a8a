import { type Aim, isMet } from './aims.js';
import { type Spread, spreadOf } from './figures.js';
import type { LoadFigures, RoundFigures } from './load-figures.js';
import type { SubjectSpeed } from './speed.js';

/** One line of the table that says where the service stands. */
export interface SummaryRow {
  measure: string;
  /** Digits behind the point. */
  digits: number;
  bare: Spread | undefined;
  service: Spread | undefined;
  /** Of the medians; the lowest and the highest are those of neighbouring rounds. */
  ratio: Spread | undefined;
  aim: Aim | undefined;
  /** Undefined: there is no aim, or it was not measured. */
  isMet: boolean | undefined;
}

type Values = readonly (number | undefined)[];

/** How a line is made of what was measured. */
export interface Measure {
  measure: string;
  digits: number;
  /** Which way round: the service's figure as a share of bare Baileys', or bare Baileys' as a share of the service's. */
  ratio?: 'service / bare' | 'bare / service';
  aim?: Aim | undefined;
}

/** A line of figures that each round gives. */
export interface RoundMeasure extends Measure {
  valueOf: (round: RoundFigures) => number | undefined;
}

/** @param values of each subject, in the order of its rounds */
export function summaryRow(
  { measure, digits, ratio, aim }: Measure,
  { bare = [], service = [] }: { bare?: Values; service?: Values },
): SummaryRow {
  const own = spreadOf(service);
  const [upper, lower] = ratio === 'service / bare' ? [service, bare] : [bare, service];
  const ratios = ratio && ratioOf(upper, lower);
  const met = aim && isMet(aim, { ratio: ratios?.median, value: own?.median });
  return { measure, digits, bare: spreadOf(bare), service: own, ratio: ratios, aim, isMet: met };
}

/** @returns a line for each measure; none where the service was not measured under this load */
export function rowsOfLoad(
  where: string,
  subjects: readonly SubjectSpeed[],
  loadOf: (speed: SubjectSpeed) => LoadFigures | undefined,
  measures: readonly RoundMeasure[],
): SummaryRow[] {
  const rounds = (name: string) => {
    const speed = subjects.find(({ subject }) => subject === name);
    return speed && loadOf(speed)?.rounds;
  };
  const [bare, service] = [rounds('bare'), rounds('service')];
  return service === undefined
    ? []
    : measures.map(({ valueOf, ...measure }) =>
        summaryRow(
          { ...measure, measure: `${measure.measure} ${where}` },
          { bare: bare?.map(valueOf) ?? [], service: service.map(valueOf) },
        ),
      );
}

function ratioOf(upper: Values, lower: Values): Spread | undefined {
  const median = share(spreadOf(upper)?.median, spreadOf(lower)?.median);
  const neighbours = spreadOf(upper.map((value, round) => share(value, lower[round])));
  return median === undefined || !neighbours ? undefined : { ...neighbours, median };
}

/** Of what is measured as a difference noise can make less than nothing, which is no share of anything. */
function share(part: number | undefined, whole: number | undefined): number | undefined {
  return part !== undefined && whole !== undefined && part > 0 && whole > 0 ? part / whole : undefined;
}
