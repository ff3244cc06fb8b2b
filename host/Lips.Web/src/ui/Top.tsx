import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { heldUntil, reachable } from '../api';
import { pending, stuck } from '../actions';
import { connection, reconnect } from '../live';
import { keysOn, theme, type Theme } from '../prefs';
import { format, go, route, setFilter } from '../route';
import { seesPeople, self, signOut } from '../session';
import { texts } from '../texts';
import { Icon } from './icons';
import { showHelp } from './Help';
import { follow } from './link';

export const searchBox: { current: HTMLInputElement | null } = { current: null };

function Search(): JSX.Element {
  const text = useSignal(route.value.filter.q);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const { q } = route.value.filter;
  const sent = useRef(q);
  if (q !== sent.current) {
    sent.current = q;
    text.value = q;
  }
  const set = (value: string): void => {
    clearTimeout(timer.current);
    // The service takes two letters or more: with one, nothing is searched for.
    const trimmed = value.trim().length === 1 ? '' : value.trim();
    if (trimmed === sent.current) return;
    // Letters of one word are one step for Back.
    const how = sent.current === '' || trimmed === '' ? 'push' : 'replace';
    sent.current = trimmed;
    setFilter({ q: trimmed }, how);
  };
  return (
    <form
      class="search"
      role="search"
      onSubmit={(e) => {
        e.preventDefault();
        set(text.value);
      }}
    >
      <Icon name="search" />
      <input
        ref={(element) => {
          searchBox.current = element;
        }}
        type="search"
        aria-label={texts.filters.search}
        placeholder={seesPeople.value ? texts.filters.searchHint : texts.filters.searchDenied}
        title={seesPeople.value ? texts.filters.searchHint : texts.filters.searchDenied}
        disabled={!seesPeople.value}
        maxLength={100}
        value={text.value}
        onInput={(e) => {
          const { value } = e.currentTarget;
          text.value = value;
          clearTimeout(timer.current);
          timer.current = setTimeout(() => set(value), 250);
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
  );
}

/** Seconds until an instant; renders each second while it lies ahead. */
function useSeconds(until: number): number {
  const now = useSignal(Date.now());
  const left = Math.max(0, Math.ceil((until - now.value) / 1000));
  useEffect(() => {
    now.value = Date.now();
    if (until <= Date.now()) return;
    const timer = setInterval(() => {
      now.value = Date.now();
      if (now.value >= until) clearInterval(timer);
    }, 500);
    return () => clearInterval(timer);
  }, [until]);
  return left;
}

function Connection(): JSX.Element {
  const now = connection.value;
  const seconds = useSeconds(now.state === 'waiting' ? now.until : 0);
  // A stream may hang on for a while after the network has gone.
  const state = now.state === 'live' && !reachable.value ? 'away' : now.state;
  const said = state === 'waiting' ? texts.live.waiting(seconds) : texts.live[state];
  return (
    <span class={`connection ${state}`}>
      <span class="dot" aria-hidden="true" />
      <span class="words">{said}</span>
      {now.state === 'waiting' && (
        <button type="button" class="link" onClick={reconnect}>
          {texts.live.now}
        </button>
      )}
    </span>
  );
}

/** Says in words what stands in the way, beneath the top bar. */
export function Banner(): JSX.Element | null {
  const seconds = useSeconds(heldUntil.value);
  const away = !reachable.value || stuck.value || connection.value.state === 'waiting';
  const said = [
    away && texts.live.offline,
    stuck.value && pending.value > 0 && texts.live.pending(pending.value),
    seconds > 0 && texts.live.held(seconds),
  ].filter(Boolean);
  return (
    <div role="status" class={said.length > 0 ? 'banner' : 'banner none'}>
      {said.join(' ')}
    </div>
  );
}

function Menu(): JSX.Element {
  return (
    <>
      <button type="button" class="plain" popovertarget="menu" aria-label={texts.nav.menu} title={texts.nav.menu}>
        <Icon name="menu" />
      </button>
      <div id="menu" popover="auto" class="menu">
        <p class="quiet">{texts.nav.signedIn(self.value?.name ?? '')}</p>
        <fieldset>
          <legend>{texts.nav.theme}</legend>
          <div class="segments">
            {(['system', 'light', 'dark'] as Theme[]).map((one) => (
              <label key={one}>
                <input type="radio" name="theme" checked={theme.value === one} onChange={() => (theme.value = one)} />
                <span>{texts.nav.themes[one]}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <label class="check">
          <input type="checkbox" checked={keysOn.value} onChange={(e) => (keysOn.value = e.currentTarget.checked)} />
          {texts.keys.on}
        </label>
        <button type="button" onClick={signOut}>
          {texts.nav.signOut}
        </button>
      </div>
    </>
  );
}

export function Top(): JSX.Element {
  const { advertiser, view } = route.value;
  const home = { ...route.value, advertiser: null, id: null, at: null };
  const tab = (name: 'inbox' | 'reports'): JSX.Element => {
    const to = { ...route.value, view: name, id: null };
    return (
      <a href={format(to)} onClick={follow(() => go(to))} aria-current={view === name ? 'page' : undefined}>
        <Icon name={name} /> <span>{texts.nav[name]}</span>
      </a>
    );
  };
  return (
    <header class="top">
      <a class="brand" href={format(home)} onClick={follow(() => go(home))} aria-label={`${texts.product}, ${texts.advertisers.change}`}>
        <Icon name="inbox" /> <span>{texts.product}</span>
      </a>
      {advertiser && (
        <>
          <a class="advertiser" href={format(home)} onClick={follow(() => go(home))} title={texts.advertisers.change}>
            {advertiser} <Icon name="swap" />
          </a>
          <nav aria-label={texts.nav.main}>
            {tab('inbox')}
            {tab('reports')}
          </nav>
          {view === 'inbox' && <Search />}
        </>
      )}
      <span class="gap" />
      {advertiser && <Connection />}
      <button type="button" class="plain help" onClick={showHelp} aria-label={texts.nav.help} title={texts.nav.help}>
        <Icon name="help" />
      </button>
      <Menu />
    </header>
  );
}
