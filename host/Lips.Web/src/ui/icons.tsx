import type { JSX } from 'preact';
import type { Kind } from '../route';

const paths = {
  call: 'M5.2 2.5 3 3.3C2.6 8.5 7.5 13.4 12.7 13l.8-2.2-2.7-1.6-1.3 1.1a8 8 0 0 1-3.8-3.8l1.1-1.3z',
  form: 'M3.5 2.5h9v11h-9zM5.5 5.5h5M5.5 8h5M5.5 10.5h3',
  chat: 'M2.5 3.5h11v7.5H7l-3 2.5V11H2.5z',
  booking: 'M2.5 4h11v9.5h-11zM2.5 6.8h11M5.5 2.5V5M10.5 2.5V5M6 10l1.5 1.5L10.3 9',
  lsa: 'M8 14s4.5-4 4.5-7.5a4.5 4.5 0 0 0-9 0C3.5 10 8 14 8 14zM8 8.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z',
  fpd: 'M8 6.5c3 0 5-.8 5-2s-2-2-5-2-5 .8-5 2 2 2 5 2zM3 4.5v7c0 1.2 2 2 5 2s5-.8 5-2v-7M3 8c0 1.2 2 2 5 2s5-.8 5-2',
  star: 'm8 2 1.8 3.8 4.2.5-3.1 2.9.8 4.1L8 11.3l-3.7 2 .8-4.1L2 6.3l4.2-.5z',
  archive: 'M2.5 3h11v3h-11zM3.5 6v7.5h9V6M6.5 8.5h3',
  unarchive: 'M2.5 3h11v3h-11zM3.5 6v7.5h9V6M8 12V8M6.3 9.6 8 7.9l1.7 1.7',
  read: 'M2.5 6.5 8 2.8l5.5 3.7v7h-11zM2.5 6.5 8 10l5.5-3.5',
  unread: 'M2.5 3.5h11v9h-11zM2.5 4l5.5 4.5L13.5 4',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.4 3.4',
  back: 'M9.5 3.5 5 8l4.5 4.5',
  up: 'M3.5 10 8 5.5l4.5 4.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  close: 'm4 4 8 8M12 4l-8 8',
  check: 'm3.5 8.5 3 3 6-7',
  filter: 'M2.5 4h11M4.5 8h7M6.5 12h3',
  help: 'M6 6a2 2 0 1 1 3 1.7c-.7.4-1 .8-1 1.6M8 11.6v.1M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13z',
  menu: 'M8 8.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 14c.6-2.4 2.7-3.7 5.5-3.7s4.9 1.3 5.5 3.7',
  download: 'M8 2.5v7.5M4.8 7.2 8 10.4l3.2-3.2M3 13.5h10',
  calendar: 'M2.5 4h11v9.5h-11zM2.5 6.8h11M5.5 2.5V5M10.5 2.5V5',
  inbox: 'M2.5 9.5 4 3h8l1.5 6.5v4h-11zM2.5 9.5h3.3l.8 1.7h2.8l.8-1.7h3.3',
  reports: 'M3 13.5V8M6.4 13.5V3M9.7 13.5V6M13 13.5v-3',
  swap: 'M4.5 6 8 2.8 11.5 6M4.5 10 8 13.2l3.5-3.2',
};

export type IconName = keyof typeof paths;

export function Icon({ name, filled = false }: { name: IconName; filled?: boolean }): JSX.Element {
  return (
    <svg class={filled ? 'icon filled' : 'icon'} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

export const KindIcon = ({ kind }: { kind: Kind }): JSX.Element => (
  <span class={`kind kind-${kind}`}>
    <Icon name={kind} />
  </span>
);
