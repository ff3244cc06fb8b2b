import { batch, signal } from '@preact/signals';
import { address, ApiError, get, type Parameters } from './api';
import { byDay, daysBelow, oldestDay } from './ruler';
import { endOfDay, go, parameters, route } from './route';
import type { Counts, Interaction, Page, Totals } from './types';
import { dayOf } from './zone';

// The list is a window of cursor pages over a scroll space that has one place for every row of the filter. Pages far from the view are
// dropped, so a list of a million rows holds no more than KEPT pages at any depth. A row's place in the scroll space is exact from the top
// and after a jump to a day; where others change the list meanwhile it is corrected at both ends.

interface Chunk {
  rows: Interaction[];
  next: string | null;
  previous: string | null;
  /** Nothing was above, or beneath, when it was read. */
  isTop: boolean;
  isEnd: boolean;
}

type Way = 'head' | 'at' | 'down' | 'up';

/** The first view asks for less. */
const FIRST = 50;
export const SIZE = 100;
const KEPT = 8;
/** Above this a browser's scroll area would be taller than it can be. */
const MOST_PLACES = 120_000;
const FURTHEST_INSIDE_A_DAY = 430;

let chunks: Chunk[] = [];
let flat: Interaction[] | null = null;
let run = new AbortController();
let busy: 'up' | 'down' | 'all' | null = null;

/** Changes with everything that the list shows. */
export const version = signal(0);
export const status = signal<'loading' | 'ready' | 'failed'>('loading');
export const failure = signal<ApiError | null>(null);
/** The place of the first row that is held, and the number of places. */
export const start = signal(0);
export const places = signal(0);
export const totals = signal<Totals | null>(null);
/** The row that keys act on, and the rows that are chosen together. */
export const current = signal<number | null>(null);
/** Chosen is all of the filter, up to the cursor of its head. */
export const everything = signal<string | null>(null);
export const picked = signal<ReadonlyMap<number, Interaction>>(new Map());
/** The place above the newest row that was shown: what is above it is news. */
export const head: { cursor: string | null } = { cursor: null };

/** Told when places moved by so many rows while the view shall stay. */
export const view = {
  moved: (_rows: number): void => {},
  show: (_place: number): void => {},
  /** Brings a row that is held into view, and the focus to it. */
  reveal: (_id: number, _focus: boolean): void => {},
};

export function rows(): Interaction[] {
  flat ??= chunks.flatMap((chunk) => chunk.rows);
  return flat;
}

export const find = (id: number): Interaction | undefined => rows().find((row) => row.id === id);
export const atTop = (): boolean => chunks.length > 0 && chunks[0]!.isTop;
const atEnd = (): boolean => chunks.length > 0 && chunks[chunks.length - 1]!.isEnd;

function changed(): void {
  flat = null;
  version.value++;
}

const isNewer = (a: Interaction, b: Interaction): boolean =>
  a.occurred_at > b.occurred_at || (a.occurred_at === b.occurred_at && a.id > b.id);

export function query(...more: Parameters): string {
  const { advertiser, filter, zone } = route.value;
  return address('/contact_interactions', [...parameters(advertiser!, filter, zone), ['fields', 'summary'], ...more]);
}

const chunkOf = (page: Page, way: Way): Chunk => ({
  rows: page.contact_interactions,
  next: page.next,
  previous: page.previous,
  isTop: way === 'head' || (way === 'up' && !page.has_more),
  isEnd: way !== 'up' && !page.has_more,
});

function counted(events: Counts, from: number): number {
  return Math.min(Math.max(events.events, from + rows().length), MOST_PLACES);
}

/** Reads the list anew: from its top, or from the day in the address. */
export async function load(): Promise<void> {
  run.abort();
  run = new AbortController();
  const { signal: stop } = run;
  const { at, zone } = route.value;
  busy = 'all';
  batch(() => {
    chunks = [];
    head.cursor = null;
    status.value = 'loading';
    failure.value = null;
    picked.value = new Map();
    everything.value = null;
    start.value = 0;
    places.value = 0;
    changed();
  });
  try {
    const more: Parameters = [['limit', String(FIRST)]];
    if (at !== null) more.push(['at', endOfDay(at, zone)]);
    const page = (await get<Page>(query(...more), { stop })).body;
    const above = at === null ? 0 : await daysBelow(at);
    if (stop.aborted) return;
    const oldest = page.contact_interactions.length === 0 && at !== null ? await oldestDay() : null;
    if (stop.aborted) return;
    if (oldest !== null && oldest !== at) {
      go({ at: oldest }, 'replace');
      await load();
      return;
    }
    if (at !== null) void findHead(stop);
    batch(() => {
      chunks = [chunkOf(page, at === null ? 'head' : 'at')];
      flat = null;
      totals.value = page;
      status.value = 'ready';
      if (at === null) head.cursor = page.previous;
      place(above, page.totals);
      current.value = rows().some((row) => row.id === route.value.id) ? route.value.id : (rows()[0]?.id ?? null);
      changed();
    });
    view.show(start.value);
  } catch (error) {
    if (stop.aborted || !(error instanceof ApiError)) return;
    batch(() => {
      status.value = 'failed';
      failure.value = error;
    });
  } finally {
    if (!stop.aborted) busy = null;
  }
}

/** What is there when a list begins at a day is no news. */
async function findHead(stop: AbortSignal): Promise<void> {
  try {
    const { body } = await get<Page>(query(['limit', '1']), { stop });
    if (!stop.aborted) head.cursor = body.previous;
  } catch (error) {
    if (!stop.aborted && !(error instanceof ApiError)) throw error;
  }
}

function place(above: number, counts: Counts): void {
  const all = counted(counts, 0);
  start.value = atTop() ? 0 : Math.max(0, Math.min(above, all - rows().length));
  places.value = atEnd() ? start.value + rows().length : Math.max(all, start.value + rows().length + 1);
}

/** Shows the list from a day on. */
export function jump(day: string): void {
  go({ at: day, id: null }, 'replace');
  void load();
}

/** The view shows these places: reads what is missing there. After a failure it waits to be told so again. */
export function want(first: number, last: number, again = false): void {
  if (busy !== null || status.value !== 'ready' || chunks.length === 0 || (failure.value !== null && !again)) return;
  const end = start.value + rows().length;
  if (first > end + SIZE * 4 || last < start.value - SIZE * 4) void leap(first);
  else if (last > end - SIZE && !atEnd()) void extend('down');
  else if (first < start.value + SIZE && !atTop()) void extend('up');
}

async function extend(way: 'up' | 'down'): Promise<void> {
  const { signal: stop } = run;
  const cursor = way === 'down' ? chunks[chunks.length - 1]!.next : chunks[0]!.previous;
  busy = way;
  try {
    const side = way === 'down' ? 'after' : 'before';
    const page = (await get<Page>(query(['limit', String(SIZE)], [side, cursor!]), { stop })).body;
    if (stop.aborted) return;
    batch(() => (way === 'down' ? append : prepend)(chunkOf(page, way)));
    failure.value = null;
  } catch (error) {
    if (!stop.aborted && error instanceof ApiError) failure.value = error;
  } finally {
    if (!stop.aborted) busy = null;
  }
}

function append(chunk: Chunk): void {
  chunks = [...chunks, chunk];
  let dropped = 0;
  while (chunks.length > KEPT) {
    dropped += chunks[0]!.rows.length;
    chunks = chunks.slice(1);
  }
  start.value += dropped;
  changed();
  const end = start.value + rows().length;
  if (atEnd()) places.value = end;
  else if (places.value <= end) places.value = end + SIZE;
  if (end > MOST_PLACES && start.value > SIZE) move(-(start.value - SIZE));
}

function prepend(chunk: Chunk): void {
  chunks = [chunk, ...chunks];
  while (chunks.length > KEPT) chunks = chunks.slice(0, -1);
  start.value -= chunk.rows.length;
  changed();
  if (start.value < 0 || (atTop() && start.value > 0)) move(-start.value);
  else if (start.value === 0 && !atTop()) move(SIZE);
  places.value = Math.max(places.value, start.value + rows().length);
}

/** Renumbers the places; the view moves along. */
function move(by: number): void {
  start.value += by;
  places.value = Math.max(places.value + by, start.value + rows().length);
  view.moved(by);
}

/** To a place far away, by way of the day that it lies in. */
async function leap(to: number): Promise<void> {
  const days = byDay.value;
  if (days === null || places.value === 0) return;
  // The scroll space may have fewer places than the filter has rows.
  const scale = Math.max(1, days.sum / places.value);
  const found = days.at(Math.floor(to * scale));
  if (found === null) return;
  const { signal: stop } = run;
  busy = 'all';
  try {
    const inside = scale === 1 && found.inside <= FURTHEST_INSIDE_A_DAY ? found.inside : 0;
    const instant = endOfDay(found.day, route.value.zone);
    const page = (await get<Page>(query(['limit', String(inside + SIZE)], ['at', instant]), { stop })).body;
    if (stop.aborted) return;
    batch(() => {
      chunks = [chunkOf(page, 'at')];
      flat = null;
      place(scale === 1 ? found.above : to, page.totals);
      failure.value = null;
      changed();
    });
    if (inside !== found.inside) view.show(start.value);
  } catch (error) {
    if (!stop.aborted && error instanceof ApiError) failure.value = error;
  } finally {
    if (!stop.aborted) busy = null;
  }
}

/** What is known better now. Rows stay where they are. */
export function patch(ids: Iterable<number>, change: (row: Interaction) => Interaction): void {
  const wanted = new Set(ids);
  let any = false;
  chunks = chunks.map((chunk) => {
    if (!chunk.rows.some((row) => wanted.has(row.id))) return chunk;
    any = true;
    return { ...chunk, rows: chunk.rows.map((row) => (wanted.has(row.id) ? change(row) : row)) };
  });
  if ([...wanted].some((id) => picked.value.has(id)))
    picked.value = new Map([...picked.value].map(([id, row]) => [id, wanted.has(id) ? change(row) : row]));
  if (any) changed();
}

/** Takes rows out; gives the row that comes to stand where the current one stood. */
export function remove(ids: ReadonlySet<number>): void {
  const before = rows();
  const index = before.findIndex((row) => row.id === current.value);
  chunks = chunks.map((chunk) => ({ ...chunk, rows: chunk.rows.filter((row) => !ids.has(row.id)) }));
  flat = null;
  const gone = before.length - rows().length;
  if (gone === 0) return;
  batch(() => {
    places.value = Math.max(0, places.value - gone);
    if (current.value !== null && ids.has(current.value)) {
      const kept = before.slice(index).find((row) => !ids.has(row.id)) ?? before.slice(0, index).findLast((row) => !ids.has(row.id));
      current.value = kept?.id ?? null;
    }
    changed();
  });
}

/** Puts rows back that were taken out, each where it belongs. */
export function restore(back: readonly Interaction[]): void {
  let more = 0;
  for (const row of back) {
    if (find(row.id)) continue;
    const home = chunks.findIndex((chunk) => {
      const last = chunk.rows[chunk.rows.length - 1];
      return last !== undefined && isNewer(row, last);
    });
    const target = home >= 0 ? home : atEnd() ? chunks.length - 1 : -1;
    if (target < 0) continue;
    const chunk = chunks[target]!;
    const at = chunk.rows.findIndex((other) => isNewer(row, other));
    const into = at < 0 ? [...chunk.rows, row] : chunk.rows.toSpliced(at, 0, row);
    chunks = chunks.map((other, i) => (i === target ? { ...chunk, rows: into } : other));
    flat = null;
    more++;
  }
  if (more === 0) return;
  batch(() => {
    places.value += more;
    changed();
  });
}

/** The day that a place lies in, if its row is held. */
export function dayAt(index: number): string | null {
  const row = rows()[index - start.value];
  return row ? dayOf(Date.parse(row.occurred_at), route.value.zone) : null;
}
