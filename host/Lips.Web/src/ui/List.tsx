import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { reachable } from '../api';
import { archive, pick, pickEverything, pickFrom, pickNone, pickTo, targets, toggle } from '../actions';
import { download } from '../csv';
import * as format from '../format';
import {
  atTop, current, dayAt, everything, failure, head, jump, load, picked, places, rows, start, status, totals, version, view, want,
} from '../list';
import { mostWaiting, showNew, waiting } from '../live';
import { askRuler, dayOfThe } from '../ruler';
import { filterKey, format as href, go, isBackwards, isFiltered, noFilter, openDetail, route, setFilter } from '../route';
import { mayWrite, seesPeople } from '../session';
import { texts } from '../texts';
import type { Interaction } from '../types';
import { isDay } from '../zone';
import { Chips } from './Filters';
import { Icon, KindIcon } from './icons';
import { follow } from './link';
import { DateRuler } from './Ruler';
import { State } from './State';

export const ROW = 60;
const BEYOND = 6;
const TOGETHER = 50;
const STILL = 600;

function Row({ row, place, of }: { row: Interaction; place: number; of: number }): JSX.Element {
  const { zone, id } = route.value;
  const name = format.nameOf(row, seesPeople.value);
  const kind = format.kindOf(row.event_type);
  const isCurrent = current.value === row.id;
  const classes = ['row'];
  if (!row.read) classes.push('new');
  if (isCurrent) classes.push('current');
  if (picked.value.has(row.id)) classes.push('picked');
  if (row.archived_at !== null && !route.value.filter.archived) classes.push('gone');
  if (row.call?.duration === 0) classes.push('missed');
  return (
    <li class={classes.join(' ')} style={{ top: `${place * ROW}px` }} aria-setsize={of} aria-posinset={place + 1}>
      <label class="pick">
        <input
          type="checkbox"
          checked={picked.value.has(row.id)}
          aria-label={texts.list.choose(name)}
          tabIndex={isCurrent ? 0 : -1}
          onClick={(e) => {
            if (e.shiftKey) pickTo(row);
            else pick(row);
            current.value = row.id;
          }}
        />
      </label>
      <a
        href={href({ ...route.value, id: row.id })}
        tabIndex={isCurrent ? 0 : -1}
        data-id={row.id}
        aria-current={id === row.id ? 'true' : undefined}
        onFocus={() => (current.value = row.id)}
        onClick={follow(() => {
          current.value = row.id;
          openDetail(row.id, id === null ? 'push' : 'replace');
        })}
      >
        <KindIcon kind={kind} />
        <span class="name">
          {!row.read && <span class="sr">{texts.list.unread}. </span>}
          {name}
        </span>
        <span class="gist">
          <span class="sr">{texts.one[kind]}. </span>
          {format.gist(row)}
        </span>
        <span class="when">
          <time dateTime={row.occurred_at}>
            <span class="day">{format.shortDay(row.occurred_at, zone)}</span>
            <span class="time">{format.time(row.occurred_at, zone)}</span>
          </time>
        </span>
        <span class="marks">
          {row.archived_at !== null && <span class="tag">{texts.list.archived}</span>}
          {row.channel && <span class="tag">{texts.channel[row.channel]}</span>}
          {row.important && (
            <span class="important" title={texts.list.important}>
              <Icon name="star" filled />
              <span class="sr">{texts.list.important}</span>
            </span>
          )}
        </span>
      </a>
    </li>
  );
}

function Chosen(): JSX.Element {
  const denied = mayWrite.value ? undefined : texts.denied.write;
  const chosen = targets();
  const all = totals.value?.totals.events ?? 0;
  const allRead = chosen.every((row) => row.read);
  const allImportant = chosen.every((row) => row.important);
  const allGone = chosen.every((row) => row.archived_at !== null);
  return (
    <div class="chosen" role="toolbar" aria-label={texts.actions.label}>
      <button type="button" class="plain" aria-label={texts.list.chooseNone} onClick={pickNone}>
        <Icon name="close" />
      </button>
      <strong>{everything.value === null ? texts.list.chosen(chosen.length) : texts.list.chosenAll(all)}</strong>
      {everything.value === null && chosen.length > 1 && all > chosen.length && head.cursor !== null && (
        <button type="button" class="link" onClick={pickEverything}>
          {texts.list.chooseAll(all)}
        </button>
      )}
      <span class="gap" />
      <button type="button" disabled={!mayWrite.value} title={denied} onClick={() => toggle('read')}>
        <Icon name={allRead ? 'unread' : 'read'} /> <span>{allRead ? texts.actions.unread : texts.actions.read}</span>
      </button>
      <button
        type="button"
        class="square"
        disabled={!mayWrite.value}
        aria-label={allImportant ? texts.actions.unimportant : texts.actions.important}
        title={denied ?? (allImportant ? texts.actions.unimportant : texts.actions.important)}
        onClick={() => toggle('important')}
      >
        <Icon name="star" filled={allImportant} />
      </button>
      <button
        type="button"
        class="square"
        disabled={!mayWrite.value}
        aria-label={allGone ? texts.actions.unarchive : texts.actions.archive}
        title={denied ?? (allGone ? texts.actions.unarchive : texts.actions.archive)}
        onClick={() => archive()}
      >
        <Icon name={allGone ? 'unarchive' : 'archive'} />
      </button>
    </div>
  );
}

function Head({ top }: { top: number }): JSX.Element {
  const { at } = route.value;
  const counts = totals.value;
  const first = Math.floor(top / ROW) - start.value;
  const day = dayAt(Math.floor(top / ROW));
  const working = useSignal(false);
  if (picked.value.size > 0) return <Chosen />;
  return (
    <div class="list-head">
      <button
        type="button"
        class="plain"
        disabled={rows().length === 0}
        title={texts.list.chooseMany(TOGETHER)}
        aria-label={texts.list.chooseMany(TOGETHER)}
        onClick={() => pickFrom(Math.max(0, first), TOGETHER)}
      >
        <Icon name="check" />
      </button>
      <h2 class="counts" id="list-heading">
        {counts ? texts.list.counts(counts.totals.events, counts.unread.events) : texts.list.heading}
      </h2>
      <span class="gap" />
      {(at !== null || !atTop()) && rows().length > 0 && (
        <button type="button" class="link" onClick={() => void showNew()}>
          {texts.list.top}
        </button>
      )}
      <label class="go-to" title={texts.list.goTo}>
        <span class="sr">{texts.list.goTo}</span>
        <input
          type="date"
          value={day ?? at ?? ''}
          onChange={(e) => {
            if (isDay(e.currentTarget.value)) jump(e.currentTarget.value);
          }}
        />
      </label>
      <button
        type="button"
        class="plain"
        disabled={working.value || rows().length === 0}
        aria-label={working.value ? texts.list.downloading : texts.list.download}
        title={texts.list.download}
        onClick={() => {
          working.value = true;
          void download().finally(() => (working.value = false));
        }}
      >
        {working.value ? <span class="spinner small" aria-hidden="true" /> : <Icon name="download" />}
      </button>
    </div>
  );
}

function Nothing(): JSX.Element {
  const { filter } = route.value;
  const onlyUnread = filter.read === false && !isFiltered({ ...filter, read: null });
  const day = useSignal<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    // When that fails too, the text without it will do.
    if (filter.from !== null || filter.to !== null)
      void dayOfThe('newest', { ...filter, from: null, to: null }, stop.signal).then((found) => (day.value = found), () => undefined);
    return () => stop.abort();
  }, []);
  const lead = day.value !== null ? texts.list.emptyDates(format.longDay(day.value)) : isFiltered(filter) ? texts.list.emptyFilter : texts.list.emptyAll;
  return (
    <State heading={texts.list.empty} lead={onlyUnread ? texts.list.emptyUnread : lead}>
      <div class="ways">
        {day.value !== null && (
          <button type="button" onClick={() => setFilter({ from: day.value, to: day.value })}>
            {texts.list.showDay}
          </button>
        )}
        {isFiltered(filter) && (
          <button type="button" onClick={() => setFilter(noFilter)}>
            {texts.filters.clear}
          </button>
        )}
      </div>
    </State>
  );
}

export function List(): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(0);
  const moved = useRef(0);
  const focused = useSignal(0);
  const focusOn = useRef<number | null>(null);
  const settled = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  // What the filter says is read when it says something else, and at the beginning.
  useSignalEffect(() => {
    filterKey.value;
    queueMicrotask(() => {
      void load();
      void askRuler();
    });
  });

  // When the service can be reached again, what could not be read is read.
  useSignalEffect(() => {
    if (!reachable.value || failure.peek() === null) return;
    if (status.peek() === 'failed') void load();
    else want(Math.floor(top.peek() / ROW), Math.ceil((top.peek() + height.peek()) / ROW), true);
  });

  useLayoutEffect(() => {
    const element = scroller.current!;
    const measure = (): void => {
      height.value = element.clientHeight;
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    view.moved = (by) => {
      moved.current += by * ROW;
      top.value = Math.max(0, top.value + by * ROW);
    };
    view.show = (place) => {
      moved.current = 0;
      requestAnimationFrame(() => {
        if (scroller.current) scroller.current.scrollTop = place * ROW;
        top.value = place * ROW;
      });
    };
    view.reveal = (id, focus) => {
      const index = rows().findIndex((row) => row.id === id);
      const element = scroller.current;
      if (index < 0 || !element) return;
      const y = (start.value + index) * ROW;
      if (y < element.scrollTop) element.scrollTop = y;
      else if (y + ROW > element.scrollTop + element.clientHeight) element.scrollTop = y + ROW - element.clientHeight;
      top.value = element.scrollTop;
      if (focus) {
        focusOn.current = id;
        focused.value++;
      }
    };
    return () => clearTimeout(settled.current);
  }, []);

  // Read, so that a change of it renders the rows and then moves the focus.
  focused.value;
  useLayoutEffect(() => {
    const element = scroller.current!;
    if (moved.current !== 0) {
      element.scrollTop += moved.current;
      moved.current = 0;
    }
    if (focusOn.current !== null) {
      const link = element.querySelector<HTMLElement>(`[data-id="${focusOn.current}"]`);
      focusOn.current = null;
      link?.focus({ preventScroll: true });
    }
  });

  const first = Math.max(0, Math.floor(top.value / ROW) - BEYOND);
  const last = Math.min(places.value, Math.ceil((top.value + height.value) / ROW) + BEYOND);
  useEffect(() => {
    want(Math.floor(top.value / ROW), Math.ceil((top.value + height.value) / ROW));
  });

  function scrolled(): void {
    top.value = scroller.current!.scrollTop;
    clearTimeout(settled.current);
    settled.current = setTimeout(() => {
      // The address tells the day that is looked at, once the list stands still.
      const day = top.value < ROW ? null : dayAt(Math.floor(top.value / ROW));
      if (status.value === 'ready' && (day !== null || top.value < ROW) && day !== route.value.at && route.value.view === 'inbox')
        go({ at: day }, 'replace');
    }, STILL);
  }

  const shown = useComputed(() => {
    version.value;
    return rows();
  }).value;
  const items: JSX.Element[] = [];
  for (let place = first; place < last; place++) {
    const row = shown[place - start.value];
    items.push(
      row ? (
        <Row key={row.id} row={row} place={place} of={places.value} />
      ) : (
        <li key={`place ${place}`} class="row blank" style={{ top: `${place * ROW}px` }} aria-hidden="true" />
      ),
    );
  }
  const isEmpty = status.value === 'ready' && shown.length === 0;
  return (
    <section class="list" aria-labelledby="list-heading" id="list" tabIndex={-1}>
      <Chips />
      <Head top={top.value} />
      <div class="list-body">
        <div class="scroller" ref={scroller} onScroll={scrolled} aria-busy={status.value === 'loading'}>
          {status.value === 'loading' && (
            <div class="skeleton" aria-hidden="true">
              {Array.from({ length: 12 }, (_, i) => (
                <div key={i} class="row blank" />
              ))}
            </div>
          )}
          {status.value === 'failed' &&
            (isBackwards(route.value.filter) ? (
              <State heading={texts.filters.wrongDates} />
            ) : (
              <State heading={texts.list.failed} error={failure.value} again={() => void load()} />
            ))}
          {isEmpty && <Nothing key={filterKey.value} />}
          <ul class="rows" style={{ height: `${places.value * ROW}px` }} aria-label={texts.list.heading}>
            {items}
          </ul>
        </div>
        <DateRuler top={top.value / ROW} span={height.value / ROW} />
        {waiting.value > 0 && (
          <button type="button" class="pill" onClick={() => void showNew()}>
            <Icon name="up" /> {texts.live.fresh(waiting.value, mostWaiting)}
          </button>
        )}
        {status.value === 'ready' && failure.value && (
          <div class="list-failed" role="alert">
            {texts.list.more}{' '}
            <button type="button" class="link" onClick={() => want(first, last, true)}>
              {texts.again}
            </button>
          </div>
        )}
      </div>
      <div class="sr" role="status">
        {waiting.value > 0 ? texts.live.fresh(waiting.value, mostWaiting) : ''}
      </div>
    </section>
  );
}
