import { batch, effect, signal } from '@preact/signals';
import { address, ApiError, get, pause, send, token } from './api';
import { askRuler } from './ruler';
import { head, load, patch, query, rows, SIZE, status, totals } from './list';
import { detail, refresh } from './detail';
import { filterKey, go, parameters, route } from './route';
import type { Interaction, Page, Totals } from './types';

// The stream of totals says that something changed; what changed is then asked for: the head of the list (what is new, the exact counts) and
// the change feed (rows that others worked on). EventSource cannot send a token, so the stream is read by fetch.

const SHORTEST = 1_000;
const LONGEST = 30_000;
/** The service sends a comment every 15 s. */
const SILENCE = 40_000;
const GATHER = 1_200;
/** A tab that nobody looks at gives its connection back: a browser opens six to one address, in all its tabs together. */
const HIDDEN = 2_000;

export type Connection = { state: 'connecting' | 'live' | 'idle' } | { state: 'waiting'; until: number };

export const connection = signal<Connection>({ state: 'connecting' });
/** Counts of the filter without types, for the numbers beside those. */
export const around = signal<Totals | null>(null);
/** How many newer rows wait at the top. */
export const waiting = signal(0);
export const mostWaiting = SIZE;

let stop = new AbortController();
let wake: (() => void) | null = null;
let cursor: string | null = null;
let counted: string | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Splits a stream of server-sent events; gives the data of those that are named. */
export async function* events(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<{ event: string; data: string }> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let text = '';
  let event = '';
  let data: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    text += value;
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    text = lines.pop()!;
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { event, data: data.join('\n') };
        event = '';
        data = [];
      } else if (line.startsWith('event:')) event = line.slice(6).trim();
      else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
    }
  }
}

async function listen(signal: AbortSignal): Promise<void> {
  const { advertiser, filter, zone } = route.value;
  const plain = parameters(advertiser!, { ...filter, kinds: [], missed: false }, zone);
  const silence = new AbortController();
  let quiet = setTimeout(() => silence.abort(), SILENCE);
  const heard = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(() => silence.abort(), SILENCE);
  };
  try {
    const answer = await send(address('/contact_interactions/totals/stream', plain), {
      accept: 'text/event-stream',
      stop: AbortSignal.any([signal, silence.signal]),
    });
    connection.value = { state: 'live' };
    let first = true;
    for await (const { event, data } of events(answer.body!, heard)) {
      if (event !== 'totals') continue;
      around.value = JSON.parse(data) as Totals;
      // The first one is what the list shows anyway, unless the connection was away meanwhile.
      if (!first || cursor !== null) soon();
      first = false;
    }
  } finally {
    clearTimeout(quiet);
  }
}

async function keepListening(signal: AbortSignal): Promise<void> {
  let wait = SHORTEST;
  while (!signal.aborted) {
    connection.value = { state: 'connecting' };
    const began = Date.now();
    let least = 0;
    try {
      await listen(signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError) {
        if (error.status === 401) return;
        least = error.wait ?? 0;
        // What is refused for good is not asked for again.
        if (error.status === 403 || error.status === 422) {
          connection.value = { state: 'idle' };
          return;
        }
      }
    }
    if (signal.aborted) return;
    if (Date.now() - began > LONGEST) wait = SHORTEST;
    const length = Math.max(least, wait * (0.75 + Math.random() / 2));
    connection.value = { state: 'waiting', until: Date.now() + length };
    await Promise.race([pause(length), new Promise<void>((done) => (wake = done))]);
    wait = Math.min(wait * 2, LONGEST);
  }
}

/** Tries at once. */
export function reconnect(): void {
  wake?.();
}

function restart(): void {
  stop.abort();
  stop = new AbortController();
  clearTimeout(timer);
  timer = undefined;
  cursor = null;
  batch(() => {
    waiting.value = 0;
    if (route.value.advertiser !== counted) around.value = null;
  });
  counted = route.value.advertiser;
  if (token.value === null || route.value.advertiser === null) return;
  const { signal } = stop;
  if (document.hidden) connection.value = { state: 'idle' };
  else void keepListening(signal);
  void news(signal);
}

/** Looks for what changed, soon and not too often. */
export function soon(): void {
  if (timer !== undefined) return;
  const { signal } = stop;
  timer = setTimeout(() => {
    timer = undefined;
    if (!signal.aborted) void news(signal);
  }, GATHER);
}

async function news(signal: AbortSignal): Promise<void> {
  if (cursor !== null) {
    try {
      await Promise.all([lookUp(signal), follow(signal)]);
    } catch (error) {
      if (error instanceof ApiError && error.status === 410) cursor = null;
    }
  }
  if (cursor === null && !signal.aborted) await follow(signal).catch(() => {});
}

async function lookUp(signal: AbortSignal): Promise<void> {
  if (status.value !== 'ready') return;
  const { cursor: above } = head;
  // Where the list was begun at a day, what is newer now is no news: from here on it is.
  const page = (await get<Page>(above === null ? query(['limit', '1']) : query(['limit', String(SIZE)], ['before', above]), { stop: signal })).body;
  if (signal.aborted) return;
  batch(() => {
    const before = totals.value;
    totals.value = page;
    if (above === null) head.cursor = page.previous;
    else waiting.value = page.contact_interactions.length;
    if (before?.totals.events !== page.totals.events) void askRuler(true);
  });
  if (above === null && rows().length === 0 && page.contact_interactions.length > 0) await load();
}

/** What the change feed has to say about rows that are shown. */
async function follow(signal: AbortSignal): Promise<void> {
  const { advertiser } = route.value;
  for (let more = true; more && !signal.aborted; ) {
    const since: string = cursor ?? 'now';
    const path = address('/contact_interactions/changes', [
      ['global_master_advertiser_id', advertiser!],
      ['since', since],
      ['limit', '100'],
    ]);
    const { body } = await get<Page>(path, { stop: signal });
    if (signal.aborted) return;
    take(body.contact_interactions);
    cursor = body.next ?? cursor;
    more = body.has_more;
  }
}

function take(changed: Interaction[]): void {
  const byId = new Map(changed.map((row) => [row.id, row]));
  patch(byId.keys(), (row) => ({ ...row, ...summary(byId.get(row.id)!) }));
  const open = detail.value;
  if (open.id !== null && byId.has(open.id)) void refresh(open.id);
}

// The window holds summaries, and shall not grow with what the feed brings.
function summary(row: Interaction): Interaction {
  const short = { ...row };
  delete short.notes;
  if (short.form) short.form = { ...short.form, extra_fields: null };
  if (short.chat) short.chat = { ...short.chat, transcript: [] };
  if (short.booking) short.booking = { ...short.booking, extra_fields: null };
  if (short.fpd) short.fpd = { extra_fields: null };
  return short;
}

/** Shows what waits. */
export async function showNew(): Promise<void> {
  waiting.value = 0;
  go({ at: null }, 'replace');
  await load();
}

/** Follows the address and the token from now on. */
export function follower(): void {
  let known = '';
  effect(() => {
    const key = `${token.value}${filterKey.value}`;
    if (key === known) return;
    known = key;
    queueMicrotask(restart);
  });
  addEventListener('online', reconnect);
  let hidden: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(pauseListening, HIDDEN);
    else if (connection.value.state === 'idle') resumeListening();
  });
  // A page that the browser keeps for Back would keep its connection too.
  addEventListener('pagehide', pauseListening);
  addEventListener('pageshow', (e) => {
    if (e.persisted) resumeListening();
  });
}

function pauseListening(): void {
  stop.abort();
  connection.value = { state: 'idle' };
}

function resumeListening(): void {
  if (token.value === null || route.value.advertiser === null) return;
  stop.abort();
  stop = new AbortController();
  void keepListening(stop.signal);
  soon();
}
