import { computed, signal } from '@preact/signals';
import { address, get, type Parameters } from './api';
import { filterKey, parameters, route, type Filter } from './route';
import type { Interval, Page, Series } from './types';
import { addDays, dayOf } from './zone';

// How many rows lie in each day, from `series`: what the ruler draws, and the place of a day in the list.

const MOST_BUCKETS = 800;
const DAY = 86_400_000;

export interface Bar {
  /** The first and the last day of the bar. */
  from: string;
  to: string;
  total: number;
  unread: number;
}

export interface Ruler {
  key: string;
  interval: Interval;
  /** Newest first. */
  bars: Bar[];
}

export const ruler = signal<Ruler | null>(null);
let asked: { key: string; answer: Promise<Ruler | null> } | null = null;

const span = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY) + 1;

/** The day of the newest or the oldest row of a filter; null when it has none. */
export async function dayOfThe(which: 'newest' | 'oldest', filter: Filter, stop?: AbortSignal): Promise<string | null> {
  const { advertiser, zone } = route.value;
  const more: Parameters = [['fields', 'summary'], ['limit', '1']];
  if (which === 'oldest') more.push(['sort_by', 'occurred_at'], ['sort_dir', 'asc']);
  const page = await get<Page>(address('/contact_interactions', [...parameters(advertiser!, filter, zone), ...more]), stop ? { stop } : {});
  const row = page.body.contact_interactions[0];
  return row ? dayOf(Date.parse(row.occurred_at), zone) : null;
}

/** Days from the oldest to the newest row of the filter. */
async function range(stop?: AbortSignal): Promise<[string, string] | null> {
  const { filter } = route.value;
  const [oldest, newest] = await Promise.all([
    filter.from ?? dayOfThe('oldest', filter, stop),
    filter.to ?? dayOfThe('newest', filter, stop),
  ]);
  return oldest === null || newest === null ? null : [oldest, newest];
}

async function read(key: string, stop?: AbortSignal): Promise<Ruler | null> {
  const { advertiser, filter, zone } = route.value;
  const days = await range(stop);
  if (days === null || key !== filterKey.value) return null;
  const [from, to] = days;
  const length = span(from, to);
  const interval: Interval = length <= MOST_BUCKETS ? 'day' : length <= MOST_BUCKETS * 7 - 7 ? 'week' : 'month';
  const { body } = await get<Series>(
    address('/contact_interactions/series', [
      ...parameters(advertiser!, { ...filter, from, to }, zone),
      ['interval', interval],
      ['by', 'none'],
    ]),
    stop ? { stop } : {},
  );
  const bars = body.buckets.map((bucket, i): Bar => {
    const day = bucket.slice(0, 10);
    const after = body.buckets[i + 1]?.slice(0, 10);
    return {
      from: day < from ? from : day,
      to: after ? addDays(after, -1) : to,
      total: body.series.reduce((sum, one) => sum + (one.totals[i] ?? 0), 0),
      unread: body.series.reduce((sum, one) => sum + (one.unread[i] ?? 0), 0),
    };
  });
  return { key, interval, bars: bars.reverse() };
}

/** Reads the ruler of the present filter, once. */
export function askRuler(again = false): Promise<Ruler | null> {
  const key = filterKey.value;
  if (!again && asked?.key === key) return asked.answer;
  const answer = read(key).then(
    (got) => {
      if (key === filterKey.value) ruler.value = got;
      return got;
    },
    () => {
      if (asked?.answer === answer) asked = null;
      return null;
    },
  );
  asked = { key, answer };
  if (ruler.value?.key !== key) ruler.value = null;
  return answer;
}

/** How many rows lie above a day's: those of later days. */
export async function daysBelow(day: string): Promise<number> {
  const got = await askRuler();
  return got === null ? 0 : got.bars.reduce((sum, bar) => (bar.from > day ? sum + bar.total : sum), 0);
}

/** The last day that the list has anything of. */
export async function oldestDay(): Promise<string | null> {
  const got = await askRuler();
  return got?.bars.findLast((bar) => bar.total > 0)?.to ?? null;
}

/** From a place to the bar that it lies in. */
export const byDay = computed(() => {
  const got = ruler.value;
  if (got === null || got.key !== filterKey.value) return null;
  const sum = got.bars.reduce((all, bar) => all + bar.total, 0);
  return {
    sum,
    at(place: number): { day: string; above: number; inside: number } | null {
      let above = 0;
      for (const bar of got.bars) {
        if (place < above + bar.total) return { day: bar.to, above, inside: place - above };
        above += bar.total;
      }
      const last = got.bars.findLast((bar) => bar.total > 0);
      return last ? { day: last.to, above: sum - last.total, inside: 0 } : null;
    },
  };
});
