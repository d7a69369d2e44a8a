import { type ReactNode, useState } from 'react';
import { whenOpened } from './when-opened.ts';

export interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  /** For what stands side by side. */
  isWide?: boolean;
  children: ReactNode;
}

const OpenDialog = whenOpened(async () => (await import('./OpenDialog.tsx')).OpenDialog);
const OpenConfirmation = whenOpened(async () => (await import('./OpenDialog.tsx')).OpenConfirmation);

/** A window over the page: on a phone it comes from below. Escape and its cross close it, and the focus goes back to where it was. */
export function Dialog(props: DialogProps) {
  return useWasOpen(props.isOpen) && <OpenDialog {...props} />;
}

export interface ConfirmationProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  /** What will be lost, or what can not be undone. */
  description: ReactNode;
  /** Names what is done: "Delete", not "OK". */
  action: string;
  /** Names the way back, where "Cancel" could mean what is done. */
  wayBack?: string;
  isDangerous?: boolean;
  /** The window closes when it is done; it stays, with `error`, where that failed. */
  onConfirm: () => Promise<unknown>;
  errorOf?: (error: unknown) => string;
}

/** Asks before something that can not be undone. The focus is on the way back. */
export function Confirmation(props: ConfirmationProps) {
  return useWasOpen(props.isOpen) && <OpenConfirmation {...props} />;
}

/** @returns whether it has been open: from then on it stays, so that it can be seen to close */
function useWasOpen(isOpen: boolean): boolean {
  const [wasOpen, setWasOpen] = useState(isOpen);
  if (isOpen && !wasOpen) {
    setWasOpen(true);
  }
  return wasOpen;
}
