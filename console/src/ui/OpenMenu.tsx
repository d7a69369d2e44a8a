import { Menu } from '@base-ui/react/menu';
import { Check } from 'lucide-react';
import { type FocusEvent, type ReactNode, useRef } from 'react';
import { type MenuChoiceProps, type MenuItemProps, type MenuParts, MenuPartsContext } from './menu-parts.ts';
import styles from './Menu.module.css';

export interface OpenMenuProps {
  /** The button that opened it: it stands beside it, and gives the focus back to it. */
  anchor: HTMLElement;
  /** The first item has the focus then. */
  isByKeyboard?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** A menu that is there only while it is open. */
export function OpenMenu({ anchor, isByKeyboard = false, onClose, children }: OpenMenuProps) {
  const isFirst = useRef(isByKeyboard);
  // The list has the focus at first, of which only those who press arrows know.
  const passFocusOn = ({ target, currentTarget }: FocusEvent<HTMLElement>) => {
    if (isFirst.current && target === currentTarget) {
      isFirst.current = false;
      currentTarget.querySelector<HTMLElement>('[role^="menuitem"]')?.focus();
    }
  };
  return (
    <Menu.Root open modal={false} onOpenChange={(open) => open || onClose()}>
      <Menu.Portal>
        <Menu.Positioner
          className={styles.place}
          anchor={anchor}
          sideOffset={6}
          align="end"
          collisionPadding={8}
        >
          <Menu.Popup className={styles.list} finalFocus={() => anchor} onFocus={passFocusOn}>
            <MenuPartsContext value={PARTS}>{children}</MenuPartsContext>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

const PARTS: MenuParts = { Item, Choice, Line };

function Item({ icon, isDangerous, isReplaced = false, onClick, children }: MenuItemProps) {
  return (
    <Menu.Item
      className={`${styles.item} ${isDangerous ? styles.danger : ''}`}
      closeOnClick={!isReplaced}
      onClick={onClick}
    >
      {icon}
      {children}
    </Menu.Item>
  );
}

function Choice({ label, value, options, onChange }: MenuChoiceProps) {
  return (
    <Menu.RadioGroup value={value} onValueChange={onChange} aria-label={label}>
      <span className={styles.label} aria-hidden>
        {label}
      </span>
      {Object.entries(options).map(([each, text]) => (
        <Menu.RadioItem key={each} value={each} className={styles.item} closeOnClick>
          <span className={styles.mark}>
            <Menu.RadioItemIndicator>
              <Check size={18} aria-hidden />
            </Menu.RadioItemIndicator>
          </span>
          {text}
        </Menu.RadioItem>
      ))}
    </Menu.RadioGroup>
  );
}

function Line() {
  return <Menu.Separator className={styles.line} />;
}
