import { Menu as BaseMenu } from '@base-ui/react/menu';
import { Check } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import styles from './Menu.module.css';

interface MenuProps {
  /** The button that opens it. */
  trigger: ReactElement;
  children: ReactNode;
}

/** Actions and choices behind a button, by arrow keys and letters too. */
export function Menu({ trigger, children }: MenuProps) {
  return (
    <BaseMenu.Root modal={false}>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner className={styles.place} sideOffset={6} align="end" collisionPadding={8}>
          <BaseMenu.Popup className={styles.list}>{children}</BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

interface MenuItemProps {
  icon?: ReactNode;
  isDangerous?: boolean;
  /** Something else takes the place of the menu, which does not close by itself. */
  isReplaced?: boolean;
  onClick: () => void;
  children: ReactNode;
}

export function MenuItem({ icon, isDangerous, isReplaced = false, onClick, children }: MenuItemProps) {
  return (
    <BaseMenu.Item
      className={`${styles.item} ${isDangerous ? styles.danger : ''}`}
      closeOnClick={!isReplaced}
      onClick={onClick}
    >
      {icon}
      {children}
    </BaseMenu.Item>
  );
}

interface MenuChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: Readonly<Partial<Record<Value, string>>>;
  onChange: (value: Value) => void;
}

/** One of several, of which one holds. */
export function MenuChoice<Value extends string>({
  label,
  value,
  options,
  onChange,
}: MenuChoiceProps<Value>) {
  return (
    <BaseMenu.RadioGroup value={value} onValueChange={(next: Value) => onChange(next)} aria-label={label}>
      <span className={styles.label} aria-hidden>
        {label}
      </span>
      {(Object.entries(options) as [Value, string][]).map(([each, text]) => (
        <BaseMenu.RadioItem key={each} value={each} className={styles.item} closeOnClick>
          <span className={styles.mark}>
            <BaseMenu.RadioItemIndicator>
              <Check size={18} aria-hidden />
            </BaseMenu.RadioItemIndicator>
          </span>
          {text}
        </BaseMenu.RadioItem>
      ))}
    </BaseMenu.RadioGroup>
  );
}

export function MenuLine() {
  return <BaseMenu.Separator className={styles.line} />;
}

interface MenuAtProps {
  /** The button that opened it: it stands beside it, and gives the focus back to it. */
  anchor: HTMLElement;
  onClose: () => void;
  children: ReactNode;
}

/** A menu that many buttons share, such as those of a long list: it is there only while it is open. */
export function MenuAt({ anchor, onClose, children }: MenuAtProps) {
  return (
    <BaseMenu.Root open modal={false} onOpenChange={(open) => open || onClose()}>
      <BaseMenu.Portal>
        <BaseMenu.Positioner
          className={styles.place}
          anchor={anchor}
          sideOffset={6}
          align="end"
          collisionPadding={8}
        >
          <BaseMenu.Popup className={styles.list} finalFocus={() => anchor}>
            {children}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}
