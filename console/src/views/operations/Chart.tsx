import { useId, useState } from 'react';
import { useFormats } from '../../i18n/formats.ts';
import { useMessages } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { axisEnd, linePath } from './chart-scale.ts';
import styles from './Chart.module.css';
import { messages } from './messages.ts';

const WIDTH = 600;
const HEIGHT = 160;
const MAX_LINES = 2;

interface ChartProps {
  title: string;
  /** Of a value, such as `ms`. */
  unit?: string;
  times: readonly string[];
  /** Each with a value for each time; null where nothing is known. Two at most: one is drawn through, the other one dashed. */
  lines: readonly { title: string; values: readonly (number | null)[] }[];
}

/** How something went over time: lines for those who see them, and the same as a table. */
export function Chart({ title, unit = '', times, lines }: ChartProps) {
  const t = useMessages(messages);
  const format = useFormats();
  const id = useId();
  const [isTable, setTable] = useState(false);
  const shown = lines.slice(0, MAX_LINES);
  const known = shown.flatMap(({ values }) => values.filter((value) => value !== null));
  const most = Math.max(0, ...known);
  const end = axisEnd(most);
  const text = (value: number) => `${format.number(value)}${unit === '' ? '' : ` ${unit}`}`;
  return (
    <figure className={styles.chart} aria-labelledby={id}>
      <figcaption className={styles.head}>
        <h2 id={id}>{title}</h2>
        <ul className={styles.legend}>
          {shown.map((line, at) => (
            <li key={line.title}>
              <svg width="28" height="8" aria-hidden focusable="false">
                <path d="M2 4H26" className={at === 0 ? styles.first : styles.second} />
              </svg>
              {line.title}
            </li>
          ))}
        </ul>
        <Button look="quiet" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          {t('asTable')}
          <span className="visually-hidden"> {title}</span>
        </Button>
      </figcaption>
      {known.length === 0 && <p className={styles.none}>{t('noTraffic')}</p>}
      {isTable ? (
        <ValueTable title={title} times={times} lines={shown} text={text} />
      ) : (
        <div className={styles.field}>
          <span className={styles.end}>{text(end)}</span>
          <svg
            className={styles.lines}
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={t('chartText', { title, most: text(most), last: text(known.at(-1) ?? 0) })}
          >
            {[0, 0.5, 1].map((part) => (
              <path key={part} d={`M0 ${HEIGHT * part}H${WIDTH}`} className={styles.grid} />
            ))}
            {shown.map(({ title: name, values }, at) => (
              <path
                key={name}
                d={linePath(values, { width: WIDTH, height: HEIGHT, end })}
                className={at === 0 ? styles.first : styles.second}
              />
            ))}
          </svg>
          <span className={styles.times}>
            <span>{times.length > 0 && format.time(times[0]!)}</span>
            <span>{times.length > 0 && format.time(times.at(-1)!)}</span>
          </span>
        </div>
      )}
    </figure>
  );
}

interface Row {
  time: string;
  values: readonly (number | null)[];
}

/** The newest first, without the times of which nothing is known. */
function ValueTable({
  title,
  times,
  lines,
  text,
}: Pick<ChartProps, 'title' | 'times' | 'lines'> & { text: (value: number) => string }) {
  const t = useMessages(messages);
  const format = useFormats();
  const rows: Row[] = times
    .map((time, at) => ({ time, values: lines.map(({ values }) => values[at] ?? null) }))
    .filter(({ values }) => values.some((value) => value !== null))
    .toReversed();
  const columns: Column<Row>[] = [
    { title: t('time'), cell: ({ time }) => format.time(time) },
    ...lines.map((line, at) => ({
      title: line.title,
      isNumber: true,
      cell: ({ values }: Row) => (values[at] === null ? '–' : text(values[at]!)),
    })),
  ];
  return <Table label={title} columns={columns} rows={rows} keyOf={({ time }) => time} />;
}
