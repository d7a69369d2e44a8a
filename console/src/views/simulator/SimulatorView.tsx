import { Route, Switch } from 'wouter';
import { PhoneList } from './PhoneList.tsx';
import { PhonePage } from './PhonePage.tsx';

/** The phones of the simulated WhatsApp network, each of which can be used as a real one is. */
export function SimulatorView() {
  return (
    <Switch>
      <Route path="/simulator/:number/:chat?">
        {({ number, chat }) => (
          <PhonePage key={number} number={number} chat={chat && decodeURIComponent(chat)} />
        )}
      </Route>
      <Route>
        <PhoneList />
      </Route>
    </Switch>
  );
}
