import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { JSX } from 'preact';
import { address, ApiError, get } from '../api';
import { format, go, noFilter, route } from '../route';
import { texts } from '../texts';
import type { Advertiser } from '../types';
import { follow } from './link';
import { State } from './State';

interface Answer {
  advertisers: Advertiser[];
  next: string | null;
  has_more: boolean;
}

const MOST = 20;

export function Advertisers(): JSX.Element {
  const list = useSignal<Advertiser[] | null>(null);
  const next = useSignal<string | null>(null);
  const error = useSignal<ApiError | null>(null);
  const text = useSignal('');

  async function load(after: string | null): Promise<void> {
    error.value = null;
    try {
      let cursor = after;
      let all = after === null ? [] : (list.value ?? []);
      // The most unread come first, which takes all of them; beyond two thousand one asks for more.
      for (let page = 0; page < MOST; page++) {
        const { body } = await get<Answer>(address('/advertisers', [['limit', '100'], ...(cursor ? [['after', cursor] as [string, string]] : [])]));
        all = [...all, ...body.advertisers];
        cursor = body.next;
        if (!body.has_more || cursor === null) break;
      }
      list.value = all.sort((a, b) => b.unread - a.unread || b.events - a.events);
      next.value = cursor;
    } catch (e) {
      if (e instanceof ApiError) error.value = e;
    }
  }

  useEffect(() => {
    document.title = texts.title([texts.advertisers.heading]);
    void load(null);
  }, []);

  const wanted = text.value.trim().toUpperCase();
  const shown = list.value?.filter((one) => one.global_master_advertiser_id.includes(wanted)) ?? [];
  const most = Math.max(1, ...shown.map((one) => one.unread));
  return (
    <main class="chooser" id="main" tabIndex={-1}>
      <header>
        <h1>{texts.advertisers.heading}</h1>
        <p class="quiet">{texts.advertisers.lead}</p>
        {(list.value?.length ?? 0) > 8 && (
          <input
            type="search"
            aria-label={texts.advertisers.filter}
            placeholder={texts.advertisers.filter}
            value={text.value}
            onInput={(e) => (text.value = e.currentTarget.value)}
          />
        )}
      </header>
      {error.value && <State error={error.value} again={() => void load(null)} />}
      {list.value === null && !error.value && <State loading />}
      {list.value?.length === 0 && <State heading={texts.advertisers.none} lead={texts.advertisers.noneLead} />}
      {list.value !== null && list.value.length > 0 && shown.length === 0 && <State heading={texts.advertisers.noMatch(text.value)} />}
      <ul class="advertisers">
        {shown.map((one) => {
          const to = { ...route.value, advertiser: one.global_master_advertiser_id, id: null, view: 'inbox' as const, filter: noFilter, at: null };
          return (
            <li key={one.global_master_advertiser_id}>
              <a href={format(to)} onClick={follow(() => go(to))}>
                <span class="name">{one.global_master_advertiser_id}</span>
                <span class={one.unread > 0 ? 'unread' : 'quiet'}>{texts.advertisers.unread(one.unread)}</span>
                <meter class="share" min={0} max={most} value={one.unread} aria-hidden="true" />
                <span class="quiet small">{texts.advertisers.events(one.events)}</span>
              </a>
            </li>
          );
        })}
      </ul>
      {next.value && (
        <button type="button" onClick={() => void load(next.value)}>
          {texts.advertisers.more}
        </button>
      )}
    </main>
  );
}
