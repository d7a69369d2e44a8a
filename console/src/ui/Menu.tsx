import {
  cloneElement,
  type HTMLAttributes,
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
  type ReactNode,
  useContext,
  useState,
} from 'react';
import { type MenuChoiceProps, type MenuItemProps, type MenuParts, MenuPartsContext } from './menu-parts.ts';
import { whenOpened } from './when-opened.ts';

const readMenu = async () => (await import('./OpenMenu.tsx')).OpenMenu;

/** A menu that many buttons share, such as those of a long list. */
export const MenuAt = whenOpened(readMenu);

interface MenuProps {
  /** The button that opens it. */
  trigger: ReactElement<HTMLAttributes<HTMLElement>>;
  children: ReactNode;
}

/** Actions and choices behind a button, by arrow keys and letters too. */
export function Menu({ trigger, children }: MenuProps) {
  const [opened, setOpened] = useState<{ anchor: HTMLElement; isByKeyboard: boolean }>();
  // What is pressed outside of a menu closes it, and the click that follows would open it again.
  const [wasOpen, setWasOpen] = useState(false);
  const open = (
    { currentTarget: anchor }: MouseEvent<HTMLElement> | KeyboardEvent<HTMLElement>,
    isByKeyboard: boolean,
  ) => setOpened({ anchor, isByKeyboard });
  const prepare = () => void readMenu().catch(() => undefined);
  return (
    <>
      {cloneElement(trigger, {
        'aria-haspopup': 'menu',
        'aria-expanded': opened !== undefined,
        onPointerEnter: prepare,
        onFocus: prepare,
        onPointerDown() {
          setWasOpen(opened !== undefined);
        },
        onClick(event) {
          const isByKeyboard = event.detail === 0;
          if (isByKeyboard || !wasOpen) {
            open(event, isByKeyboard);
          }
        },
        onKeyDown(event) {
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            open(event, true);
          }
        },
      })}
      {opened !== undefined && (
        <MenuAt {...opened} onClose={() => setOpened(undefined)}>
          {children}
        </MenuAt>
      )}
    </>
  );
}

export function MenuItem(props: MenuItemProps) {
  const { Item } = useParts();
  return <Item {...props} />;
}

interface TypedChoiceProps<Value extends string> extends Omit<
  MenuChoiceProps,
  'value' | 'options' | 'onChange'
> {
  value: Value;
  options: Readonly<Record<Value, string>>;
  onChange: (value: Value) => void;
}

/** One of several, of which one holds. */
export function MenuChoice<Value extends string>({ onChange, ...rest }: TypedChoiceProps<Value>) {
  const { Choice } = useParts();
  return <Choice {...rest} onChange={(value) => onChange(value as Value)} />;
}

export function MenuLine() {
  const { Line } = useParts();
  return <Line />;
}

/** @throws Error where there is no menu around it */
function useParts(): MenuParts {
  const parts = useContext(MenuPartsContext);
  if (parts === undefined) {
    throw new Error('This stands in a menu.');
  }
  return parts;
}
