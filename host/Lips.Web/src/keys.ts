import { archive, pick, pickNone, pickTo, toggle, undo } from './actions';
import { current, picked, rows, find, view } from './list';
import { keysOn } from './prefs';
import { closeDetail, openDetail, route } from './route';
import { showHelp } from './ui/Help';
import { searchBox } from './ui/Top';

const SETTLE = 120;
let settle: ReturnType<typeof setTimeout> | undefined;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && target.type !== 'checkbox' && target.type !== 'radio'));

function move(by: number): void {
  const list = rows();
  if (list.length === 0) return;
  const index = list.findIndex((row) => row.id === current.value);
  const to = list[index < 0 ? 0 : Math.max(0, Math.min(list.length - 1, index + by))]!;
  current.value = to.id;
  view.reveal(to.id, true);
  if (route.value.id === null) return;
  // The open detail follows, once the keys pause.
  clearTimeout(settle);
  settle = setTimeout(() => {
    if (route.value.id !== null && current.value !== null) openDetail(current.value, 'replace');
  }, SETTLE);
}

const inInbox: Record<string, () => void> = {
  j: () => move(1),
  k: () => move(-1),
  u: () => toggle('read'),
  i: () => toggle('important'),
  e: () => archive(),
  x: () => {
    const row = current.value === null ? undefined : find(current.value);
    if (row) pick(row);
  },
  X: () => {
    const list = rows();
    const last = list.findLastIndex((row) => picked.value.has(row.id));
    const row = current.value === null ? undefined : find(current.value);
    if (row && last >= 0) pickTo(row, list[last]!.id);
    else if (row) pick(row);
  },
};

function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || route.value.advertiser === null) return;
  const { key, target } = event;
  if (document.querySelector('dialog[open], :popover-open')) return;
  if (key === 'Escape') {
    if (isTyping(target)) (target as HTMLElement).blur();
    else if (picked.value.size > 0) pickNone();
    else if (route.value.id !== null) {
      closeDetail();
      if (current.value !== null) view.reveal(current.value, true);
    }
    return;
  }
  if (isTyping(target)) return;
  if (target instanceof Element && target.closest('.list') && (key === 'ArrowDown' || key === 'ArrowUp')) {
    event.preventDefault();
    move(key === 'ArrowDown' ? 1 : -1);
    return;
  }
  if (key === 'Enter' && (target === document.body || target instanceof HTMLElement && target.id === 'list') && current.value !== null) {
    openDetail(current.value, route.value.id === null ? 'push' : 'replace');
    return;
  }
  if (!keysOn.value) return;
  const act =
    key === 'z' ? undo : key === '?' ? showHelp : key === '/' ? focusSearch : route.value.view === 'inbox' ? inInbox[key] : undefined;
  if (!act) return;
  event.preventDefault();
  act();
}

function focusSearch(): void {
  searchBox.current?.focus();
  searchBox.current?.select();
}

export function listenToKeys(): void {
  addEventListener('keydown', pressed);
}
