import { Check } from 'lucide-react';
import { useState } from 'react';
import { useLocation, useRoute } from 'wouter';
import { useMessages } from '../../i18n/I18n.tsx';
import type { WhatsappNumber } from '../../numbers/numbers.ts';
import { useCaller } from '../../session/caller.ts';
import { Button } from '../../ui/Button.tsx';
import { Card, Page } from '../../ui/Page.tsx';
import { FirstMessage } from './FirstMessage.tsx';
import { LinkStep } from './LinkStep.tsx';
import { messages } from './messages.ts';
import { NameStep } from './NameStep.tsx';
import styles from './WelcomeView.module.css';

const STEPS = ['step1', 'step2', 'step3'] as const;

/** Leads by the hand: name the business, link a number, see the first message come in. */
export function WelcomeView() {
  const t = useMessages(messages);
  const { organization, choose, hasSimulator, may } = useCaller();
  const [isNew] = useRoute('/welcome/new');
  const [, go] = useLocation();
  const [linked, setLinked] = useState<Pick<WhatsappNumber, 'id'>>();
  const step = organization === undefined || isNew ? 0 : linked === undefined ? 1 : 2;
  return (
    <Page title={t('title')} lead={hasSimulator && may('admin') ? t('leadSimulated') : t('lead')}>
      <ol className={styles.progress}>
        {STEPS.map((key, index) => (
          <li
            key={key}
            className={index < step ? styles.done : ''}
            aria-current={index === step ? 'step' : undefined}
          >
            <span className={styles.place} aria-hidden>
              {index < step ? <Check size={18} /> : index + 1}
            </span>
            {t(key)}
          </li>
        ))}
      </ol>
      <Card>
        {step === 0 && (
          <NameStep
            onNamed={(id) => {
              choose(id);
              go('/welcome', { replace: true });
            }}
          />
        )}
        {step === 1 && <LinkStep onLinked={setLinked} />}
        {step === 2 && linked !== undefined && <FirstMessage numberId={linked.id} />}
      </Card>
      {step === 1 && (
        <div className={styles.later}>
          <Button look="quiet" onClick={() => go('/numbers')}>
            {t('later')}
          </Button>
        </div>
      )}
    </Page>
  );
}
