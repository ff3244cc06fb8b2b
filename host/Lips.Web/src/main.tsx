import { render } from 'preact';
import { pending } from './actions';
import { follower as followDetail, unsaved } from './detail';
import { listenToKeys } from './keys';
import { follower as followLive } from './live';
import './prefs';
import './styles.css';
import { App } from './ui/App';

render(<App />, document.getElementById('app')!);
followDetail();
followLive();
listenToKeys();
addEventListener('beforeunload', (event) => {
  if (pending.value > 0 || unsaved()) event.preventDefault();
});
