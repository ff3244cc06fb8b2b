import { effect, signal } from '@preact/signals';
import { address, ApiError, get, pause, send, token } from './api';
import { route } from './route';
import { mayWrite } from './session';
import type { HistoryEntry, Interaction, Page } from './types';

export interface Detail {
  id: number | null;
  status: 'none' | 'loading' | 'ready' | 'failed';
  data: Interaction | null;
  error: ApiError | null;
}

export const detail = signal<Detail>({ id: null, status: 'none', data: null, error: null });
export const history = signal<{ entries: HistoryEntry[]; next: string | null; failed: boolean } | null>(null);
/** The other interactions of the contact, newest first. */
export const others = signal<{ rows: Interaction[]; more: boolean; failed: boolean } | null>(null);

const OTHERS = 20;
let run = new AbortController();
const tags = new Map<number, string | null>();

async function read(id: number, stop: AbortSignal): Promise<Interaction> {
  const { body, etag } = await get<Interaction>(`/contact_interactions/${id}`, { stop });
  tags.set(id, etag);
  return body;
}

export async function open(id: number | null): Promise<void> {
  run.abort();
  run = new AbortController();
  const { signal: stop } = run;
  tags.clear();
  history.value = null;
  others.value = null;
  if (id === null) {
    detail.value = { id, status: 'none', data: null, error: null };
    return;
  }
  detail.value = { id, status: 'loading', data: null, error: null };
  try {
    const data = await read(id, stop);
    if (stop.aborted) return;
    detail.value = { id, status: 'ready', data, error: null };
    await Promise.all([moreHistory(), contactsOthers(data, stop)]);
  } catch (error) {
    if (!stop.aborted && error instanceof ApiError) detail.value = { id, status: 'failed', data: null, error };
  }
}

/** What others changed meanwhile. */
export async function refresh(id: number): Promise<void> {
  const { signal: stop } = run;
  try {
    const data = await read(id, stop);
    if (stop.aborted || detail.value.id !== id) return;
    detail.value = { id, status: 'ready', data, error: null };
    history.value = null;
    await moreHistory();
  } catch (error) {
    if (!(error instanceof ApiError) && !stop.aborted) throw error;
  }
}

export function change(ids: ReadonlySet<number>, with_: (row: Interaction) => Interaction): void {
  const { id, data } = detail.value;
  if (id !== null && data && ids.has(id)) detail.value = { ...detail.value, data: with_(data) };
  if (others.value?.rows.some((row) => ids.has(row.id)))
    others.value = { ...others.value, rows: others.value.rows.map((row) => (ids.has(row.id) ? with_(row) : row)) };
}

export async function moreHistory(): Promise<void> {
  const { id } = detail.value;
  const { signal: stop } = run;
  const before = history.value;
  try {
    const path = address(`/contact_interactions/${id}/history`, before?.next ? [['after', before.next]] : []);
    const { body } = await get<{ history: HistoryEntry[]; next: string | null; has_more: boolean }>(path, { stop });
    if (!stop.aborted && detail.value.id === id)
      history.value = {
        entries: [...(before?.entries ?? []), ...body.history],
        next: body.has_more ? body.next : null,
        failed: false,
      };
  } catch (error) {
    if (!stop.aborted && error instanceof ApiError) history.value = { entries: before?.entries ?? [], next: before?.next ?? null, failed: true };
  }
}

async function contactsOthers(data: Interaction, stop: AbortSignal): Promise<void> {
  try {
    const { body } = await get<Page>(
      address('/contact_interactions', [
        ['global_master_advertiser_id', data.global_master_advertiser_id],
        ['contact_id', String(data.contact_id)],
        ['fields', 'summary'],
        ['limit', String(OTHERS + 1)],
      ]),
      { stop },
    );
    if (stop.aborted) return;
    const rows = body.contact_interactions.filter((row) => row.id !== data.id);
    others.value = { rows: rows.slice(0, OTHERS), more: body.has_more, failed: false };
  } catch (error) {
    if (!stop.aborted && error instanceof ApiError) others.value = { rows: [], more: false, failed: true };
  }
}

// Notes are saved as one types. A draft that is not saved yet outlives its detail.

export type Saving =
  | { state: 'saved' | 'typing' | 'saving' | 'waiting' }
  | { state: 'refused'; message: string }
  | { state: 'conflict'; theirs: string };

interface Draft {
  text: string;
  /** What the notes were when the draft was begun. */
  base: string;
  /** The version that the base is of. */
  tag: string | null;
  saving: Saving;
}

const QUIET = 700;
const SHORTEST = 1_000;
const LONGEST = 30_000;
const timers = new Map<number, ReturnType<typeof setTimeout>>();
const running = new Map<number, Promise<void>>();

export const drafts = signal<ReadonlyMap<number, Draft>>(new Map());

function keep(id: number, draft: Draft | null): void {
  const all = new Map(drafts.value);
  if (draft === null) all.delete(id);
  else all.set(id, draft);
  drafts.value = all;
}

export function type(id: number, text: string): void {
  const known = drafts.value.get(id);
  const base = known?.base ?? detail.value.data?.notes ?? '';
  const saving: Saving = known?.saving.state === 'conflict' ? known.saving : { state: 'typing' };
  keep(id, { text, base, tag: known?.tag ?? tags.get(id) ?? null, saving });
  if (saving.state === 'conflict') return;
  clearTimeout(timers.get(id));
  timers.set(
    id,
    setTimeout(() => save(id), QUIET),
  );
}

/** Saves at once what is being typed. */
export function save(id: number): void {
  clearTimeout(timers.get(id));
  const draft = drafts.value.get(id);
  if (!draft || draft.saving.state === 'conflict' || running.has(id) || !mayWrite.value) return;
  running.set(
    id,
    write(id).finally(() => {
      running.delete(id);
      // Something was typed while the last was on its way.
      if (drafts.value.get(id)?.saving.state === 'typing') type(id, drafts.value.get(id)!.text);
    }),
  );
}

async function write(id: number): Promise<void> {
  for (let wait = SHORTEST; ; wait = Math.min(wait * 2, LONGEST)) {
    const draft = drafts.value.get(id);
    if (!draft) return;
    const { text } = draft;
    keep(id, { ...draft, saving: { state: 'saving' } });
    try {
      const answer = await send(`/contact_interactions/${id}`, {
        method: 'PUT',
        body: { contact_interaction: { notes: text === '' ? null : text } },
        ifMatch: draft.tag,
        wantsObject: true,
      });
      const data = (await answer.json()) as Interaction;
      settle(id, text, data, answer.headers.get('ETag'));
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const now = drafts.value.get(id);
      if (!now) return;
      if (error.status === 412) {
        if (await compare(id)) continue;
        return;
      }
      if (!error.passes) {
        keep(id, { ...now, saving: { state: 'refused', message: error.message } });
        return;
      }
      keep(id, { ...now, saving: { state: 'waiting' } });
      await Promise.race([pause(Math.max(error.wait ?? 0, wait)), online()]);
    }
  }
}

const online = (): Promise<void> => new Promise((done) => addEventListener('online', () => done(), { once: true }));

function settle(id: number, sent: string, data: Interaction, tag: string | null): void {
  tags.set(id, tag);
  const draft = drafts.value.get(id);
  if (detail.value.id === id && detail.value.data) {
    detail.value = { ...detail.value, data };
    history.value = null;
    void moreHistory();
  }
  if (!draft) return;
  if (draft.text === sent) keep(id, detail.value.id === id ? { ...draft, base: sent, tag, saving: { state: 'saved' } } : null);
  else keep(id, { ...draft, base: sent, tag, saving: { state: 'typing' } });
}

/** The record changed since it was read. True when that was not the notes, so that saving may go on. */
async function compare(id: number): Promise<boolean> {
  let body: Interaction;
  let etag: string | null;
  try {
    ({ body, etag } = await get<Interaction>(`/contact_interactions/${id}`));
  } catch (error) {
    const draft = drafts.value.get(id);
    if (draft && error instanceof ApiError) keep(id, { ...draft, saving: { state: 'refused', message: error.message } });
    return false;
  }
  tags.set(id, etag);
  const draft = drafts.value.get(id);
  if (!draft) return false;
  const theirs = body.notes ?? '';
  if (theirs === draft.base || theirs === draft.text) {
    keep(id, { ...draft, base: theirs, tag: etag });
    return true;
  }
  keep(id, { ...draft, tag: etag, saving: { state: 'conflict', theirs } });
  return false;
}

/** The way out of a conflict: one of the texts, or what was made of both. */
export function resolve(id: number, text: string, isTheirs: boolean): void {
  const draft = drafts.value.get(id);
  if (draft?.saving.state !== 'conflict') return;
  const base = draft.saving.theirs;
  if (isTheirs) {
    keep(id, null);
    void refresh(id);
    return;
  }
  keep(id, { ...draft, text, base, saving: { state: 'typing' } });
  save(id);
}

export const unsaved = (): boolean => [...drafts.value.values()].some((draft) => draft.saving.state !== 'saved');

/** Follows the address from now on. */
export function follower(): void {
  let known: number | null = null;
  effect(() => {
    const id = token.value === null ? null : route.value.id;
    if (id === known) return;
    if (known !== null) {
      const left = known;
      queueMicrotask(() => {
        save(left);
        if (drafts.value.get(left)?.saving.state === 'saved') keep(left, null);
      });
    }
    known = id;
    queueMicrotask(() => void open(id));
  });
}
