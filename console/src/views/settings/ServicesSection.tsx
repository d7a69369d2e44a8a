import { Plus, Trash2 } from 'lucide-react';
import { useMessages } from '../../i18n/I18n.tsx';
import type { Settings } from '../../organization/settings.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Field } from '../../ui/Field.tsx';
import { messages } from './messages.ts';
import styles from './Settings.module.css';
import { SettingsForm } from './SettingsForm.tsx';

const MAX_MINUTES = 7 * 24 * 60;

interface ServiceDraft {
  /** Stays the same while it is written. */
  key: string;
  id?: string;
  name: string;
  minutes: string;
  price: string;
}

/** What people book: name, duration and price. */
export function ServicesSection() {
  const t = useMessages(messages);
  return (
    <SettingsForm
      title={t('services')}
      lead={t('servicesLead')}
      read={({ services }: Settings): ServiceDraft[] =>
        services.map(({ id, name, duration_minutes: minutes, price }) => ({
          key: id,
          id,
          name,
          minutes: String(minutes),
          price: price ?? '',
        }))
      }
      toChange={(services) => {
        if (services.some(({ name }) => name.trim() === '')) {
          return t('serviceNameMissing');
        }
        const isWrong = ({ minutes }: ServiceDraft) =>
          !/^\d{1,5}$/.test(minutes) || Number(minutes) < 1 || Number(minutes) > MAX_MINUTES;
        return services.some(isWrong)
          ? t('minutesWrong', { max: MAX_MINUTES })
          : {
              services: services.map(({ id, name, minutes, price }) => ({
                ...(id !== undefined && { id }),
                name: name.trim(),
                duration_minutes: Number(minutes),
                price: price.trim() === '' ? null : price.trim(),
              })),
            };
      }}
    >
      {(services, setServices) => {
        const change = (key: string, changes: Partial<ServiceDraft>) =>
          setServices(
            services.map((service) => (service.key === key ? { ...service, ...changes } : service)),
          );
        return (
          <>
            {services.length === 0 && <p className={styles.quiet}>{t('noServices')}</p>}
            <ul className={styles.list}>
              {services.map(({ key, name, minutes, price }) => (
                <li key={key} className={styles.item}>
                  <div className={styles.row}>
                    <div className={styles.wide}>
                      <Field
                        label={t('serviceName')}
                        value={name}
                        onChange={(next) => change(key, { name: next })}
                        maxLength={200}
                      />
                    </div>
                    <Field
                      label={t('serviceMinutes')}
                      inputMode="numeric"
                      value={minutes}
                      onChange={(next) => change(key, { minutes: next.trim() })}
                      maxLength={5}
                    />
                    <Field
                      label={t('servicePrice')}
                      value={price}
                      onChange={(next) => change(key, { price: next })}
                      maxLength={100}
                    />
                    <IconButton
                      label={t('removeNamed', { name: name === '' ? t('serviceNew') : name })}
                      onClick={() => setServices(services.filter((service) => service.key !== key))}
                    >
                      <Trash2 size={20} aria-hidden />
                    </IconButton>
                  </div>
                </li>
              ))}
            </ul>
            {services.length < 200 && (
              <div>
                <Button
                  icon={<Plus size={20} aria-hidden />}
                  onClick={() =>
                    setServices([
                      ...services,
                      { key: `new-${services.length}-${Date.now()}`, name: '', minutes: '30', price: '' },
                    ])
                  }
                >
                  {t('serviceAdd')}
                </Button>
              </div>
            )}
          </>
        );
      }}
    </SettingsForm>
  );
}
