import { Route, Switch } from 'wouter';
import { NumberHealth } from './NumberHealth.tsx';
import { NumberList } from './NumberList.tsx';

/** The WhatsApp numbers of the organization, and how each of them does. */
export function NumbersView() {
  return (
    <Switch>
      <Route path="/numbers/:id">{({ id }) => <NumberHealth key={id} id={id} />}</Route>
      <Route>
        <NumberList />
      </Route>
    </Switch>
  );
}
