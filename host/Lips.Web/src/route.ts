import { computed, signal } from '@preact/signals';
import type { Parameters } from './api';
import type { By, Channel, EventType, Interval } from './types';
import { addDays, dayStart, isDay, isZone, ownZone } from './zone';

// The address is the state: advertiser, selection and view in the path, filters and the date in the query. The token never is.

export type Kind = 'call' | 'form' | 'chat' | 'booking' | 'lsa' | 'fpd';

export const KINDS: Record<Kind, EventType> = {
  call: 'CallEvent',
  form: 'FormEvent',
  chat: 'ChatEvent',
  booking: 'BookingEvent',
  lsa: 'LsaEvent',
  fpd: 'FpdEvent',
};
export const kinds = Object.keys(KINDS) as Kind[];
export const channels: Channel[] = ['search', 'display', 'social', 'chat', 'other', 'none'];

export interface Filter {
  kinds: Kind[];
  channels: Channel[];
  /** Only calls that nobody took. */
  missed: boolean;
  read: boolean | null;
  important: boolean;
  archived: boolean;
  from: string | null;
  to: string | null;
  q: string;
  contact: number | null;
}

export interface Route {
  advertiser: string | null;
  view: 'inbox' | 'reports';
  id: number | null;
  filter: Filter;
  /** The day at which the list stands, when that is not its top. */
  at: string | null;
  zone: string;
  interval: Interval;
  by: By;
}

const BASE = '/app/';

export const noFilter: Filter = {
  kinds: [],
  channels: [],
  missed: false,
  read: null,
  important: false,
  archived: false,
  from: null,
  to: null,
  q: '',
  contact: null,
};

const among = <T extends string>(text: string | null, all: readonly T[]): T[] =>
  all.filter((one) => text?.split(',').includes(one));
const day = (text: string | null): string | null => (text !== null && isDay(text) ? text : null);

export function parse(url: URL): Route {
  const [first, second] = url.pathname.slice(BASE.length).split('/').map(decodeURIComponent);
  const query = url.searchParams;
  const zone = query.get('tz');
  const read = query.get('read');
  const contact = Number(query.get('contact'));
  const id = Number(second);
  return {
    advertiser: first && /^[A-Z]+_\d+$/.test(first) ? first : null,
    view: second === 'reports' ? 'reports' : 'inbox',
    id: second && Number.isSafeInteger(id) ? id : null,
    filter: {
      kinds: among(query.get('type'), kinds),
      channels: among(query.get('channel'), channels),
      missed: query.get('missed') === 'true',
      read: read === 'true' ? true : read === 'false' ? false : null,
      important: query.get('important') === 'true',
      archived: query.get('archived') === 'true',
      from: day(query.get('from')),
      to: day(query.get('to')),
      q: query.get('q') ?? '',
      contact: Number.isSafeInteger(contact) && contact > 0 ? contact : null,
    },
    at: day(query.get('at')),
    zone: zone !== null && isZone(zone) ? zone : ownZone,
    interval: among(query.get('interval'), ['day', 'week', 'month'] as const)[0] ?? 'month',
    by: among(query.get('by'), ['event_type', 'channel'] as const)[0] ?? 'event_type',
  };
}

export function format(to: Route): string {
  if (to.advertiser === null) return BASE;
  const { filter } = to;
  const query: Parameters = [];
  if (filter.q !== '') query.push(['q', filter.q]);
  if (filter.kinds.length > 0) query.push(['type', filter.kinds.join(',')]);
  if (filter.channels.length > 0) query.push(['channel', filter.channels.join(',')]);
  if (filter.missed) query.push(['missed', 'true']);
  if (filter.read !== null) query.push(['read', String(filter.read)]);
  if (filter.important) query.push(['important', 'true']);
  if (filter.archived) query.push(['archived', 'true']);
  if (filter.from !== null) query.push(['from', filter.from]);
  if (filter.to !== null) query.push(['to', filter.to]);
  if (filter.contact !== null) query.push(['contact', String(filter.contact)]);
  if (to.at !== null && to.view === 'inbox') query.push(['at', to.at]);
  if (to.zone !== ownZone) query.push(['tz', to.zone]);
  if (to.view === 'reports') query.push(['interval', to.interval], ['by', to.by]);
  const text = new URLSearchParams(query).toString().replaceAll('%2C', ',');
  const tail = to.view === 'reports' ? '/reports' : to.id !== null ? `/${to.id}` : '';
  return `${BASE}${encodeURIComponent(to.advertiser)}${tail}${text === '' ? '' : `?${text}`}`;
}

export const route = signal<Route>(parse(new URL(location.href)));

addEventListener('popstate', () => {
  route.value = parse(new URL(location.href));
});

export function go(change: Partial<Route>, how: 'push' | 'replace' = 'push'): void {
  const to = { ...route.value, ...change };
  const href = format(to);
  if (how === 'push' && href !== location.pathname + location.search) history.pushState(null, '', href);
  else history.replaceState(history.state, '', href);
  route.value = to;
}

/** Another filter: the list begins at its top, nothing is selected. */
export function setFilter(change: Partial<Filter>, how: 'push' | 'replace' = 'push'): void {
  go({ filter: { ...route.value.filter, ...change }, id: null, at: null }, how);
}

/** Out of the detail, by Back where that is where we came from. */
export function closeDetail(): void {
  if (history.state?.opened) history.back();
  else go({ id: null }, 'replace');
}

export function openDetail(id: number, how: 'push' | 'replace'): void {
  go({ id }, how);
  if (how === 'push') history.replaceState({ opened: true }, '', location.href);
}

export const filterKey = computed(() => {
  const { advertiser, filter, zone } = route.value;
  return JSON.stringify([advertiser, filter, zone]);
});

/** Whether the first day is after the last. */
export const isBackwards = ({ from, to }: Filter): boolean => from !== null && to !== null && from > to;

export const isFiltered = (filter: Filter): boolean => JSON.stringify(filter) !== JSON.stringify(noFilter);

/** The parameters of the index for a filter. */
export function parameters(advertiser: string, filter: Filter, zone: string): Parameters {
  const list: Parameters = [['global_master_advertiser_id', advertiser]];
  for (const kind of filter.kinds) list.push(['event_type[]', KINDS[kind]]);
  for (const channel of filter.channels) list.push(['channel[]', channel]);
  if (filter.missed) list.push(['max_call_duration', '0']);
  if (filter.read !== null) list.push(['read', String(filter.read)]);
  if (filter.important) list.push(['important', 'true']);
  if (filter.archived) list.push(['archived', 'true']);
  if (filter.q.trim().length >= 2) list.push(['q', filter.q.trim()]);
  if (filter.contact !== null) list.push(['contact_id', String(filter.contact)]);
  if (filter.from !== null) list.push(['start_date', filter.from]);
  if (filter.to !== null) list.push(['end_date', filter.to]);
  if (filter.from !== null || filter.to !== null) list.push(['time_zone', zone]);
  return list;
}

/** The last instant of a day: where the list begins for that day. */
export const endOfDay = (of: string, zone: string): string => new Date(dayStart(addDays(of, 1), zone) - 1).toISOString();
