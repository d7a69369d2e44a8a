import { Tabs } from '@base-ui/react/tabs';
import { Languages } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { PreferenceChoices } from '../app/AccountMenu.tsx';
import { Mark } from '../app/Mark.tsx';
import { useMessages } from '../i18n/I18n.tsx';
import { session } from '../session/session.ts';
import { IconButton } from '../ui/Button.tsx';
import { Menu } from '../ui/Menu.tsx';
import { Notice } from '../ui/States.tsx';
import { KeyForm } from './KeyForm.tsx';
import { LinkForm } from './LinkForm.tsx';
import { messages } from './messages.ts';
import type { FormProps } from './form-props.ts';
import { PasswordForm } from './PasswordForm.tsx';
import styles from './SignIn.module.css';

type Way = 'open' | 'api_key' | 'password' | 'magic_link';

const FORMS = {
  password: { text: 'byPassword', Form: PasswordForm },
  magic_link: { text: 'byLink', Form: LinkForm },
  api_key: { text: 'byKey', Form: KeyForm },
} as const;

/** Where somebody says who they are, in one of the ways that the service offers. */
export function SignIn({ ways }: { ways: readonly Way[] }) {
  const t = useMessages(messages);
  const heading = useRef<HTMLHeadingElement>(null);
  const [staysSignedIn, setStays] = useState(false);
  useEffect(() => {
    document.title = `${t('signIn')} · AuZap`;
  }, [t]);
  useEffect(() => heading.current?.focus(), []);
  const offered = (Object.keys(FORMS) as (keyof typeof FORMS)[]).filter((way) => ways.includes(way));
  const stay = { staysSignedIn, onStay: setStays };
  return (
    <div className={styles.page}>
      <div className={styles.corner}>
        <Menu
          trigger={
            <IconButton label={t('preferences')}>
              <Languages size={22} aria-hidden />
            </IconButton>
          }
        >
          <PreferenceChoices />
        </Menu>
      </div>
      <main className={styles.sheet}>
        <Mark size={56} />
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {t('title')}
          </h1>
          <p className={styles.lead}>{t('lead')}</p>
        </div>
        <Ended />
        {offered.length === 1 ? (
          <OnlyForm way={offered[0]!} {...stay} />
        ) : (
          <Tabs.Root defaultValue={offered[0]} className={styles.tabs}>
            <Tabs.List className={styles.list} aria-label={t('ways')}>
              {offered.map((way) => (
                <Tabs.Tab key={way} value={way} className={styles.tab}>
                  {t(FORMS[way].text)}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {offered.map((way) => (
              <Tabs.Panel key={way} value={way}>
                <OnlyForm way={way} {...stay} />
              </Tabs.Panel>
            ))}
          </Tabs.Root>
        )}
      </main>
    </div>
  );
}

function OnlyForm({ way, ...stay }: { way: keyof typeof FORMS } & FormProps): ReactNode {
  const { Form } = FORMS[way];
  return <Form {...stay} />;
}

/** Why somebody who was signed in is here again. */
function Ended() {
  const t = useMessages(messages);
  if (session.hasBadLink) {
    return <Notice kind="warn">{t('badLink')}</Notice>;
  }
  return session.hasExpired ? <Notice kind="info">{t('expired')}</Notice> : null;
}
