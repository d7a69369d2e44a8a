import { createContext, type ReactNode } from 'react';

export interface MenuItemProps {
  icon?: ReactNode;
  isDangerous?: boolean;
  /** Something else takes the place of the menu, which does not close by itself. */
  isReplaced?: boolean;
  onClick: () => void;
  children: ReactNode;
}

export interface MenuChoiceProps {
  label: string;
  value: string;
  options: Readonly<Record<string, string>>;
  onChange: (value: string) => void;
}

/** What stands in a menu. */
export interface MenuParts {
  Item: (props: MenuItemProps) => ReactNode;
  Choice: (props: MenuChoiceProps) => ReactNode;
  Line: () => ReactNode;
}

/** Given by the menu that is open: its code is read when one is opened first. */
export const MenuPartsContext = createContext<MenuParts | undefined>(undefined);
