import { type ReactNode, type SelectHTMLAttributes, useId } from 'react';
import styles from './Field.module.css';

interface SelectProps<Value extends string> extends Omit<
  SelectHTMLAttributes<HTMLSelectElement>,
  'value' | 'onChange'
> {
  label: string;
  /** Shown above it, or only told to screen readers. */
  isLabelHidden?: boolean;
  hint?: ReactNode;
  value: Value;
  options: Readonly<Record<Value, string>> | readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
}

/** One of several, as the device lets people choose. */
export function Select<Value extends string>({
  label,
  isLabelHidden = false,
  hint,
  value,
  options,
  onChange,
  ...rest
}: SelectProps<Value>) {
  const id = useId();
  const pairs: readonly (readonly [string, string])[] = Array.isArray(options)
    ? options
    : Object.entries<string>(options as Record<Value, string>);
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={isLabelHidden ? 'visually-hidden' : styles.label}>
        {label}
      </label>
      <select
        {...rest}
        id={id}
        className={styles.input}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.value as Value)}
      >
        {pairs.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
      {hint !== undefined && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}
