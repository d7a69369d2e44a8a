import { type ComponentType, createElement, useEffect, useEffectEvent, useState } from 'react';
import { useMessages } from '../i18n/I18n.tsx';
import { messages } from './messages.ts';
import { toast } from './Toasts.tsx';

/**
 * @param load reads the code of a window, which is no part of the view that opens it
 * @returns the window, which is there once its code is; where that can not be read, it says so and closes
 */
export function whenOpened<Props extends { onClose: () => void }>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function WhenOpened(props: Props) {
    const t = useMessages(messages);
    const [Window, show] = useState<ComponentType<Props> | undefined>(() => loaded);
    const fail = useEffectEvent(() => {
      toast(t('network'), 'bad');
      props.onClose();
    });
    useEffect(() => {
      let isGone = false;
      load().then(
        (component) => {
          loaded = component;
          show(() => component);
        },
        () => isGone || fail(),
      );
      return () => {
        isGone = true;
      };
    }, []);
    return Window === undefined ? null : createElement(Window, props);
  };
}
