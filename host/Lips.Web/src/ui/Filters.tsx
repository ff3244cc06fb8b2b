import type { JSX } from 'preact';
import { around } from '../live';
import { channels, kinds, noFilter, route, setFilter, isBackwards, isFiltered, type Filter, type Kind } from '../route';
import { texts } from '../texts';
import type { Channel, Totals } from '../types';
import { addDays, addMonths, dayOf, isDay } from '../zone';
import { longDay } from '../format';
import { Icon, KindIcon } from './icons';

function countsOf(kind: Kind, counts: Totals): { total: number; unread: number } {
  const pick = (of: Totals['totals']): number =>
    kind === 'fpd' ? of.events - of.call_events - of.form_events - of.chat_events - of.booking_events - of.lsa_events : of[`${kind}_events`];
  return { total: pick(counts.totals), unread: pick(counts.unread) };
}

const toggled = <T,>(list: T[], one: T, all: T[]): T[] => all.filter((other) => (other === one) !== list.includes(other));

export function presets(zone: string): Record<keyof typeof texts.filters.presets, [string, string]> {
  const today = dayOf(Date.now(), zone);
  const firstOfMonth = `${today.slice(0, 7)}-01`;
  return {
    today: [today, today],
    yesterday: [addDays(today, -1), addDays(today, -1)],
    week: [addDays(today, -6), today],
    month: [addMonths(firstOfMonth, -1), addDays(firstOfMonth, -1)],
  };
}

/** Back undoes both dates at once. */
export function setDay(which: 'from' | 'to', text: string): void {
  const { from, to } = route.value.filter;
  if (text === '' || isDay(text)) setFilter({ [which]: text || null }, from === null && to === null ? 'push' : 'replace');
}

export function Filters({ prefix }: { prefix: string }): JSX.Element {
  const { filter, zone } = route.value;
  const counts = around.value;
  const wrong = isBackwards(filter);
  const ranges = presets(zone);
  return (
    <form class="filters" onSubmit={(e) => e.preventDefault()} aria-label={texts.filters.heading}>
      <fieldset>
        <legend>{texts.filters.state}</legend>
        <div class="segments">
          {([null, false, true] as const).map((value) => (
            <label key={String(value)}>
              <input
                type="radio"
                name={`${prefix}-read`}
                checked={filter.read === value}
                onChange={() => setFilter({ read: value })}
              />
              <span>{value === null ? texts.filters.all : value ? texts.filters.read : texts.filters.unread}</span>
            </label>
          ))}
        </div>
        <label class="check">
          <input type="checkbox" checked={filter.important} onChange={(e) => setFilter({ important: e.currentTarget.checked })} />
          <span>{texts.filters.important}</span>
        </label>
        <label class="check">
          <input type="checkbox" checked={filter.archived} onChange={(e) => setFilter({ archived: e.currentTarget.checked })} />
          <span>{texts.filters.archived}</span>
        </label>
      </fieldset>
      <fieldset>
        <legend>
          {texts.filters.type} <span class="counted">{texts.filters.typeCounts}</span>
        </legend>
        {kinds.map((kind) => {
          const of = counts && countsOf(kind, counts);
          return (
            <label class="check" key={kind} title={of ? texts.filters.count(of.total, of.unread) : undefined}>
              <input
                type="checkbox"
                checked={filter.kinds.includes(kind)}
                onChange={() => setFilter({ kinds: toggled(filter.kinds, kind, kinds) })}
              />
              <KindIcon kind={kind} />
              <span>{texts.kind[kind]}</span>
              <span class="count">{of ? texts.number(of.unread) : ''}</span>
            </label>
          );
        })}
        <label class="check">
          <input type="checkbox" checked={filter.missed} onChange={(e) => setFilter({ missed: e.currentTarget.checked })} />
          <span>{texts.filters.missed}</span>
        </label>
      </fieldset>
      <fieldset>
        <legend>{texts.filters.channel}</legend>
        {channels.map((channel: Channel) => (
          <label class="check" key={channel}>
            <input
              type="checkbox"
              checked={filter.channels.includes(channel)}
              onChange={() => setFilter({ channels: toggled(filter.channels, channel, channels) })}
            />
            <span>{texts.channel[channel]}</span>
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>{texts.filters.dates}</legend>
        <div class="presets">
          {(Object.keys(ranges) as (keyof typeof ranges)[]).map((name) => {
            const [from, to] = ranges[name];
            const on = filter.from === from && filter.to === to;
            return (
              <button
                type="button"
                key={name}
                class="chip"
                aria-pressed={on}
                onClick={() => setFilter(on ? { from: null, to: null } : { from, to })}
              >
                {texts.filters.presets[name]}
              </button>
            );
          })}
        </div>
        <div class="dates">
          <label>
            {texts.filters.from}
            <input
              type="date"
              value={filter.from ?? ''}
              aria-invalid={wrong}
              onChange={(e) => setDay('from', e.currentTarget.value)}
            />
          </label>
          <label>
            {texts.filters.to}
            <input
              type="date"
              value={filter.to ?? ''}
              aria-invalid={wrong}
              onChange={(e) => setDay('to', e.currentTarget.value)}
            />
          </label>
        </div>
        {wrong && (
          <p class="error" role="alert">
            {texts.filters.wrongDates}
          </p>
        )}
        <p class="quiet small">{texts.filters.zone(zone)}</p>
      </fieldset>
      <button type="button" disabled={!isFiltered(filter)} onClick={() => setFilter(noFilter)}>
        {texts.filters.clear}
      </button>
    </form>
  );
}

/** The filters that are on, each with a way to take it off. */
export function chips(filter: Filter): { name: string; off: Partial<Filter> }[] {
  const on: { name: string; off: Partial<Filter> }[] = [];
  if (filter.q !== '') on.push({ name: `“${filter.q}”`, off: { q: '' } });
  if (filter.contact !== null) on.push({ name: texts.filters.contact, off: { contact: null } });
  if (filter.read !== null) on.push({ name: filter.read ? texts.filters.read : texts.filters.unread, off: { read: null } });
  if (filter.important) on.push({ name: texts.list.important, off: { important: false } });
  if (filter.archived) on.push({ name: texts.filters.archived, off: { archived: false } });
  if (filter.missed) on.push({ name: texts.filters.missed, off: { missed: false } });
  for (const kind of filter.kinds) on.push({ name: texts.kind[kind], off: { kinds: filter.kinds.filter((one) => one !== kind) } });
  for (const channel of filter.channels)
    on.push({ name: texts.channel[channel], off: { channels: filter.channels.filter((one) => one !== channel) } });
  if (filter.from !== null || filter.to !== null) {
    const [from, to] = [filter.from && longDay(filter.from), filter.to && longDay(filter.to)];
    const name = from === to ? from! : from && to ? `${from} – ${to}` : from ? `${texts.filters.from} ${from}` : `${texts.filters.to} ${to}`;
    on.push({ name, off: { from: null, to: null } });
  }
  return on;
}

export function Chips(): JSX.Element | null {
  const on = chips(route.value.filter);
  if (on.length === 0) return null;
  return (
    <ul class="chips">
      {on.map(({ name, off }) => (
        <li key={name}>
          <button type="button" class="chip on" onClick={() => setFilter(off)} aria-label={texts.filters.remove(name)}>
            {name} <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}
