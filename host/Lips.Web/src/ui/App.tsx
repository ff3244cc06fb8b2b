import { useComputed } from '@preact/signals';
import { Component, type ComponentChildren, type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { token } from '../api';
import { detail } from '../detail';
import { nameOf } from '../format';
import { current, totals, view } from '../list';
import { route } from '../route';
import { resume, seesPeople } from '../session';
import { texts } from '../texts';
import { Advertisers } from './Advertisers';
import { chips, Filters } from './Filters';
import { Help } from './Help';
import { Icon } from './icons';
import { List } from './List';
import { Detail } from './Detail';
import { Reports } from './Reports';
import { SignIn } from './SignIn';
import { State } from './State';
import { Toast } from './Toast';
import { Banner, Top } from './Top';

class Boundary extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };
  override componentDidCatch(): void {
    this.setState({ failed: true });
  }
  override render(): ComponentChildren {
    return this.state.failed ? <State heading={texts.errors.unexpected} /> : this.props.children;
  }
}

function FilterDrawer(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const on = chips(route.value.filter).length;
  return (
    <>
      <button type="button" class="filters-button" onClick={() => dialog.current?.showModal()}>
        <Icon name="filter" /> {on > 0 ? texts.nav.filtersOn(on) : texts.nav.filters}
      </button>
      <dialog ref={dialog} class="drawer" aria-label={texts.filters.heading}>
        <header>
          <h2>{texts.filters.heading}</h2>
          <button type="button" class="plain" aria-label={texts.close} onClick={() => dialog.current?.close()}>
            <Icon name="close" />
          </button>
        </header>
        <Filters prefix="drawer" />
        <button type="button" class="primary" onClick={() => dialog.current?.close()}>
          {texts.filters.apply}
        </button>
      </dialog>
    </>
  );
}

function Inbox(): JSX.Element {
  const { id, advertiser } = route.value;
  const was = useRef(id);
  useEffect(() => {
    // Back from a detail that covered the list: to the row that it was opened from.
    if (was.current !== null && id === null && current.value !== null && !matchMedia('(min-width: 44rem)').matches)
      view.reveal(current.value, true);
    was.current = id;
  }, [id]);
  const title = useComputed(() => {
    const { data } = detail.value;
    const unread = totals.value?.unread.events ?? 0;
    const { id: open, advertiser: of } = route.value;
    const count = unread > 0 ? `(${texts.number(unread)}) ` : '';
    return texts.title([`${count}${open !== null && data ? nameOf(data, seesPeople.value) : texts.nav.inbox}`, of ?? '']);
  }).value;
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <main class={id === null ? 'inbox' : 'inbox open'} id="main">
      <h1 class="sr">{`${texts.nav.inbox}, ${advertiser}`}</h1>
      <aside class="side" aria-label={texts.filters.heading}>
        <Filters prefix="side" />
      </aside>
      <FilterDrawer />
      <List key={advertiser} />
      <Detail />
    </main>
  );
}

export function App(): JSX.Element {
  useEffect(() => void resume(), [token.value]);
  if (token.value === null) return <SignIn />;
  const { advertiser, view: shown } = route.value;
  return (
    <Boundary>
      {advertiser !== null && shown === 'inbox' && (
        <a class="skip" href="#list">
          {texts.skip}
        </a>
      )}
      <Top />
      <Banner />
      {advertiser === null ? <Advertisers /> : shown === 'reports' ? <Reports /> : <Inbox />}
      <Toast />
      <Help />
    </Boundary>
  );
}
