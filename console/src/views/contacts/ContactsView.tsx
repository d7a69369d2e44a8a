import { Route, Switch } from 'wouter';
import { useLiveContacts } from '../../contacts/contacts.ts';
import { ContactList } from './ContactList.tsx';
import { ContactPage } from './ContactPage.tsx';

/** Who writes to the organization, and what there is about each of them. */
export function ContactsView() {
  useLiveContacts();
  return (
    <Switch>
      <Route path="/contacts/:id">{({ id }) => <ContactPage key={id} id={id} />}</Route>
      <Route>
        <ContactList />
      </Route>
    </Switch>
  );
}
