import { Combobox } from '@base-ui/react/combobox';
import { X } from 'lucide-react';
import { useId, useState } from 'react';
import { readableNumber } from '../i18n/formats.ts';
import { useMessages } from '../i18n/I18n.tsx';
import fields from '../ui/Field.module.css';
import menu from '../ui/Menu.module.css';
import { useDelayed } from '../ui/use-delayed.ts';
import styles from './ContactPicker.module.css';
import { type Contact, contactName, useContactSearch } from './contacts.ts';
import { messages } from './messages.ts';

interface ContactPickerProps {
  label?: string;
  value: Contact | null;
  onChange: (contact: Contact | null) => void;
  error?: string | undefined;
  /** Who can not be chosen. */
  except?: string;
}

/** Finds one contact by a part of the name or number. */
export function ContactPicker({ label, value, onChange, error, except }: ContactPickerProps) {
  const t = useMessages(messages);
  const id = useId();
  const [text, setText] = useState('');
  const nameOf = (contact: Contact) => contactName(contact, t('unnamed'));
  const isChosen = value !== null && text === nameOf(value);
  const search = useDelayed(isChosen ? '' : text.trim());
  const found = useContactSearch(search, 'name');
  const contacts = (found.data?.pages[0]?.contacts ?? []).filter((contact) => contact.id !== except);
  return (
    <div className={fields.field}>
      <label htmlFor={id} className={fields.label}>
        {label ?? t('contact')}
      </label>
      <Combobox.Root
        items={contacts}
        filter={null}
        value={value}
        onValueChange={onChange}
        onInputValueChange={setText}
        itemToStringLabel={nameOf}
        isItemEqualToValue={(a: Contact, b: Contact) => a.id === b.id}
        autoHighlight
      >
        <Combobox.InputGroup className={styles.group}>
          <Combobox.Input
            id={id}
            className={fields.input}
            // The label is hidden from screen readers while the list is open.
            aria-label={label ?? t('contact')}
            aria-invalid={error !== undefined}
            aria-describedby={`${id}-hint`}
            maxLength={100}
          />
          {value !== null && (
            <Combobox.Clear className={styles.clear} aria-label={t('clear')}>
              <X size={20} aria-hidden />
            </Combobox.Clear>
          )}
        </Combobox.InputGroup>
        <Combobox.Portal>
          <Combobox.Positioner className={menu.place} sideOffset={4}>
            <Combobox.Popup className={`${menu.list} ${styles.popup}`}>
              <Combobox.Status className={styles.status}>
                {found.isLoading ? t('looking') : contacts.length === 0 ? t('none') : null}
              </Combobox.Status>
              <Combobox.List>
                {(contact: Contact) => (
                  <Combobox.Item key={contact.id} value={contact} className={menu.item}>
                    <span className={styles.who}>
                      <span>{nameOf(contact)}</span>
                      {contact.phone_number !== null && contact.name_source !== 'unknown' && (
                        <span className={fields.hint}>{readableNumber(contact.phone_number)}</span>
                      )}
                    </span>
                  </Combobox.Item>
                )}
              </Combobox.List>
            </Combobox.Popup>
          </Combobox.Positioner>
        </Combobox.Portal>
      </Combobox.Root>
      <p id={`${id}-hint`} className={error === undefined ? fields.hint : fields.error}>
        {error ?? t('pickHint')}
      </p>
    </div>
  );
}
