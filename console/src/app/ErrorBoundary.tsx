import { Component, type ReactNode } from 'react';
import { useMessages } from '../i18n/I18n.tsx';
import { Button } from '../ui/Button.tsx';
import { Empty } from '../ui/States.tsx';
import { messages } from './messages.ts';

/** Where a part of the page breaks, the rest stays, and the person is told what to do. Another address begins anew. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true };
  }

  override render(): ReactNode {
    return this.state.isBroken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const t = useMessages(messages);
  return (
    <div role="alert">
      <Empty
        title={t('broken')}
        action={
          <Button look="main" onClick={() => location.reload()}>
            {t('reload')}
          </Button>
        }
      >
        {t('brokenText')}
      </Empty>
    </div>
  );
}
