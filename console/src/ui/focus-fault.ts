import { flushSync } from 'react-dom';

/**
 * Shows what is wrong with a form, and takes the person to the first of it, which may be out of sight.
 * @param show has the faults shown
 */
export function showFaults(form: HTMLElement, show: () => void): void {
  flushSync(show);
  form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
