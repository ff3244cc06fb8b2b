import { batch, computed, signal } from '@preact/signals';
import { ApiError, pause, send } from './api';
import { change, detail } from './detail';
import { current, everything, find, head, load, patch, picked, remove, restore, rows, totals, view } from './list';
import { filterKey, go, parameters, route } from './route';
import { mayWrite } from './session';
import { texts } from './texts';
import type { Action, ActionAnswer, Interaction } from './types';

// An action shows at once, is sent in its turn, and can be undone. While the service cannot be reached it waits; what the service refuses is
// taken back. Actions are safe to repeat, so one that may or may not have arrived is simply sent again.

const MOST = 500;
const SHORTEST = 1_000;
const LONGEST = 30_000;
const SHOWN = 8_000;

interface Done {
  label: string;
  /** The ids that really changed, when the service has answered. */
  changed: Promise<number[]>;
  action: Action;
  before: Interaction[];
  key: string;
}

export interface Toast {
  id: number;
  text: string;
  kind: 'done' | 'failed';
  undo: boolean;
}

export const toast = signal<Toast | null>(null);
const queued = signal(0);
/** Actions that wait because the service cannot be reached. */
export const stuck = signal(false);
export const pending = computed(() => queued.value);

const undoable: Done[] = [];
let turn: Promise<unknown> = Promise.resolve();
let hide: ReturnType<typeof setTimeout> | undefined;
let toasts = 0;

function forget(done: Done): void {
  const index = undoable.indexOf(done);
  if (index >= 0) undoable.splice(index, 1);
}

export function say(text: string, kind: Toast['kind'] = 'done', undo = false): void {
  clearTimeout(hide);
  toast.value = { id: ++toasts, text, kind, undo };
  hide = setTimeout(() => (toast.value = null), SHOWN);
}

export function holdToast(held: boolean): void {
  clearTimeout(hide);
  if (!held && toast.value) hide = setTimeout(() => (toast.value = null), SHOWN);
}

export function dismiss(): void {
  clearTimeout(hide);
  toast.value = null;
}

async function ask(action: Action, ids: number[]): Promise<number[]> {
  const changed: number[] = [];
  for (let from = 0; from < ids.length; from += MOST) {
    const body = { action: { ...action, ids: ids.slice(from, from + MOST) } };
    const answer = await stubborn(body);
    changed.push(...answer.changed_ids);
  }
  return changed;
}

async function stubborn(body: unknown): Promise<ActionAnswer> {
  for (let wait = SHORTEST; ; wait = Math.min(wait * 2, LONGEST)) {
    try {
      const answer = await send('/contact_interactions/actions', { method: 'POST', body });
      stuck.value = false;
      return ((await answer.json()) as { action: ActionAnswer }).action;
    } catch (error) {
      if (!(error instanceof ApiError) || !error.passes) throw error;
      stuck.value = true;
      const online = new Promise<void>((done) => addEventListener('online', () => done(), { once: true }));
      await Promise.race([pause(Math.max(error.wait ?? 0, wait)), online]);
    }
  }
}

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  queued.value++;
  const result = turn.then(work, work).finally(() => queued.value--);
  turn = result.catch(() => {});
  return result;
}

const after = (action: Action, row: Interaction): Interaction =>
  action.type === 'update'
    ? { ...row, ...action.set }
    : { ...row, archived_at: action.type === 'archive' ? (row.archived_at ?? new Date().toISOString()) : null };

const inverse = (action: Action): Action =>
  action.type === 'archive'
    ? { type: 'unarchive' }
    : action.type === 'unarchive'
      ? { type: 'archive' }
      : {
          type: 'update',
          set: Object.fromEntries(Object.entries(action.set).map(([name, value]) => [name, !value])),
        };

/** Whether rows leave the list by this. */
const leaves = (action: Action): boolean =>
  (action.type === 'archive' && !route.value.filter.archived) || (action.type === 'unarchive' && route.value.filter.archived);

function show(action: Action, ids: ReadonlySet<number>): void {
  batch(() => {
    change(ids, (row) => after(action, row));
    if (leaves(action)) remove(ids);
    else patch(ids, (row) => after(action, row));
  });
}

function takeBack(before: Interaction[], key: string): void {
  const old = new Map(before.map((row) => [row.id, row]));
  const back = (row: Interaction): Interaction => {
    const was = old.get(row.id)!;
    return { ...row, read: was.read, important: was.important, archived_at: was.archived_at };
  };
  batch(() => {
    change(new Set(old.keys()), back);
    patch(old.keys(), back);
    if (key === filterKey.value) restore(before);
  });
}

/** Does something to rows. */
export function perform(action: Action, ids: number[], label: string, quiet = false): void {
  if (ids.length === 0) return;
  if (!mayWrite.value) {
    say(texts.denied.write, 'failed');
    return;
  }
  const open = detail.value.data;
  const before = ids.map((id) => find(id) ?? (open?.id === id ? open : null)).filter((row) => row !== null);
  const key = filterKey.value;
  show(action, new Set(ids));
  const changed = inTurn(() => ask(action, ids));
  const done: Done = { label, changed, action, before, key };
  changed.catch((error: unknown) => {
    takeBack(before, key);
    forget(done);
    say(texts.errors.refusedAction(error instanceof Error ? error.message : ''), 'failed');
  });
  if (quiet) return;
  undoable.push(done);
  say(label, 'done', true);
}

/** Does something to all of the filter; what comes in meanwhile stays as it is. */
function performAll(action: Action, until: string, words: (count: number) => string): void {
  const { advertiser, filter, zone } = route.value;
  const wanted: Record<string, string | string[]> = {};
  for (const [name, value] of parameters(advertiser!, filter, zone)) {
    const plain = name.replace('[]', '');
    wanted[plain] = name === plain ? value : [...(wanted[plain] ?? []), value];
  }
  const key = filterKey.value;
  const before = [...rows()];
  const count = totals.value?.totals.events ?? before.length;
  show(action, new Set(before.map((row) => row.id)));
  pickNone();
  say(texts.actions.working(count));
  const changed = inTurn(async () => {
    const ids: number[] = [];
    for (let more = true; more; ) {
      const answer = await stubborn({ action: { ...action, filter: wanted, until } });
      ids.push(...answer.changed_ids);
      more = answer.has_more;
    }
    return ids;
  });
  const done: Done = { label: words(count), changed, action, before, key };
  undoable.push(done);
  changed.then(
    (ids) => {
      done.label = words(ids.length);
      if (undoable.includes(done)) say(done.label, 'done', true);
      if (leaves(action) && key === filterKey.value) void load();
    },
    (error: unknown) => {
      takeBack(before, key);
      forget(done);
      say(texts.errors.refusedAction(error instanceof Error ? error.message : ''), 'failed');
    },
  );
}

export function undo(): void {
  const last = undoable.pop();
  if (!last) {
    say(texts.actions.nothingToUndo);
    return;
  }
  takeBack(last.before, last.key);
  say(texts.actions.undone(last.label));
  inTurn(async () => {
    const changed = await last.changed;
    if (changed.length > 0) await ask(inverse(last.action), changed);
    if (changed.length > last.before.length && last.key === filterKey.value) await load();
  }).catch((error: unknown) => say(texts.errors.refusedAction(error instanceof Error ? error.message : ''), 'failed'));
}

/** The rows that are chosen together, or else the one that the keyboard stands on, or the open one. */
export function targets(): Interaction[] {
  if (picked.value.size > 0) return [...picked.value.values()];
  const inList = document.activeElement?.closest('.rows') != null;
  const id = inList ? current.value : (route.value.id ?? current.value);
  const row = id === null ? undefined : (find(id) ?? (detail.value.id === id ? detail.value.data : undefined));
  return row ? [row] : [];
}

export function toggle(what: 'read' | 'important', of: Interaction[] = targets()): void {
  const value = !of.every((row) => row[what]);
  if (everything.value !== null && of.length > 1) {
    performAll({ type: 'update', set: { [what]: value } }, everything.value, (count) => texts.actions.did(what, value, count));
    return;
  }
  const ids = of.filter((row) => row[what] !== value).map((row) => row.id);
  perform({ type: 'update', set: { [what]: value } }, ids, texts.actions.did(what, value, ids.length));
}

export function archive(of: Interaction[] = targets()): void {
  const back = of.length > 0 && of.every((row) => row.archived_at !== null);
  const ids = of.filter((row) => (row.archived_at !== null) === back).map((row) => row.id);
  const action: Action = { type: back ? 'unarchive' : 'archive' };
  if (everything.value !== null && of.length > 1) {
    performAll(action, everything.value, (count) => texts.actions.did('archived', !back, count));
    return;
  }
  const goes = leaves(action) && route.value.id !== null && ids.includes(route.value.id);
  const inList = document.activeElement?.closest('.rows') != null;
  perform(action, ids, texts.actions.did('archived', !back, ids.length));
  pickNone();
  // The row that had the focus may be gone.
  if (inList && current.value !== null && mayWrite.value) view.reveal(current.value, true);
  if (goes && mayWrite.value) {
    // The detail goes on to the row that comes to stand there; on a narrow view it closes.
    const wide = matchMedia('(min-width: 44rem)').matches;
    go({ id: wide ? current.value : null }, 'replace');
  }
}

export function pick(row: Interaction, on?: boolean): void {
  const all = new Map(picked.value);
  if (on ?? !all.has(row.id)) all.set(row.id, row);
  else all.delete(row.id);
  everything.value = null;
  picked.value = all;
}

function pickAll(list: Interaction[]): void {
  picked.value = new Map([...picked.value, ...list.map((row): [number, Interaction] => [row.id, row])]);
}

/** Everything between a row, or the current one, and this one. */
export function pickTo(row: Interaction, from: number | null = current.value): void {
  const list = rows();
  const a = list.findIndex((one) => one.id === from);
  const b = list.findIndex((one) => one.id === row.id);
  if (a < 0 || b < 0) pick(row, true);
  else pickAll(list.slice(Math.min(a, b), Math.max(a, b) + 1));
}

/** The next rows from a place in the list on. */
export function pickFrom(index: number, count: number): void {
  pickAll(rows().slice(index, index + count));
}

export function pickNone(): void {
  picked.value = new Map();
  everything.value = null;
}

/** All of the filter, as far as it is known here: what came in since is not meant. */
export function pickEverything(): void {
  pickAll(rows());
  everything.value = head.cursor;
}
