import { useId } from 'react';
import styles from './Choice.module.css';

interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
  className?: string | undefined;
}

/** One of a few that all stand there, by arrow keys too. */
export function Choice<Value extends string>({
  label,
  value,
  options,
  onChange,
  className = '',
}: ChoiceProps<Value>) {
  const name = useId();
  return (
    <fieldset className={`${styles.choice} ${className}`}>
      <legend className="visually-hidden">{label}</legend>
      {options.map(([each, text]) => (
        <label key={each} className={styles.option}>
          <input
            type="radio"
            className={styles.radio}
            name={name}
            value={each}
            checked={each === value}
            onChange={() => onChange(each)}
          />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
