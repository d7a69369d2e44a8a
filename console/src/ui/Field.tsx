import { Field as BaseField } from '@base-ui/react/field';
import { type InputHTMLAttributes, type ReactNode, type Ref, useState } from 'react';
import { Eye, EyeOff } from 'lucide-react';
import { IconButton } from './Button.tsx';
import styles from './Field.module.css';

interface FieldProps extends Omit<
  InputHTMLAttributes<HTMLInputElement>,
  'defaultValue' | 'value' | 'onChange'
> {
  label: string;
  /** What to write there, for those who wonder. */
  hint?: ReactNode;
  /** What is wrong with what was written. */
  error?: string | undefined;
  value: string;
  onChange: (value: string) => void;
  ref?: Ref<HTMLInputElement>;
  after?: ReactNode;
}

/** A labelled line of text. Its hint and its error are read out with it. */
export function Field({ label, hint, error, value, onChange, after, ref, ...input }: FieldProps) {
  return (
    <BaseField.Root className={styles.field} invalid={error !== undefined}>
      <BaseField.Label className={styles.label}>{label}</BaseField.Label>
      <div className={styles.line}>
        <BaseField.Control
          {...input}
          ref={ref}
          className={styles.input}
          value={value}
          onValueChange={(next) => onChange(String(next))}
        />
        {after}
      </div>
      {hint !== undefined && <BaseField.Description className={styles.hint}>{hint}</BaseField.Description>}
      {error !== undefined && (
        <BaseField.Error className={styles.error} match>
          {error}
        </BaseField.Error>
      )}
    </BaseField.Root>
  );
}

interface SecretFieldProps extends FieldProps {
  showLabel: string;
  hideLabel: string;
}

/** A password or key, hidden until somebody wants to see it. */
export function SecretField({ showLabel, hideLabel, ...field }: SecretFieldProps) {
  const [isShown, setShown] = useState(false);
  return (
    <Field
      {...field}
      type={isShown ? 'text' : 'password'}
      spellCheck={false}
      autoCapitalize="none"
      after={
        <IconButton label={isShown ? hideLabel : showLabel} onClick={() => setShown(!isShown)}>
          {isShown ? <EyeOff size={20} aria-hidden /> : <Eye size={20} aria-hidden />}
        </IconButton>
      }
    />
  );
}
