import { texts } from './texts';
import { KINDS, kinds, type Kind } from './route';
import type { EventType, Interaction } from './types';

const made = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${name} ${zone}`;
  let known = made.get(key);
  if (!known) {
    known = new Intl.DateTimeFormat(undefined, { timeZone: zone, ...options });
    made.set(key, known);
  }
  return known;
}

export const time = (at: string, zone: string): string =>
  formatter(zone, 'time', { hour: '2-digit', minute: '2-digit' }).format(new Date(at));

export function shortDay(at: string, zone: string): string {
  const date = new Date(at);
  const thisYear = formatter(zone, 'year', { year: 'numeric' });
  return thisYear.format(date) === thisYear.format(Date.now())
    ? formatter(zone, 'short', { day: 'numeric', month: 'short' }).format(date)
    : formatter(zone, 'short year', { day: 'numeric', month: 'short', year: '2-digit' }).format(date);
}

export const moment = (at: string, zone: string): string =>
  formatter(zone, 'moment', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));

/** A day such as 2026-06-14, which is the same one everywhere. */
export const longDay = (day: string): string =>
  formatter('UTC', 'long', { weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(`${day}T00:00:00Z`));

export const month = (day: string, style: 'short' | 'long' = 'short'): string =>
  formatter('UTC', `month ${style}`, { month: style, ...(style === 'long' ? { year: 'numeric' } : {}) }).format(
    new Date(`${day}T00:00:00Z`),
  );

export const monthDay = (day: string): string =>
  formatter('UTC', 'month day', { day: 'numeric', month: 'short' }).format(new Date(`${day}T00:00:00Z`));

export function duration(seconds: number): string {
  const s = seconds % 60;
  const m = Math.floor(seconds / 60) % 60;
  const h = Math.floor(seconds / 3600);
  const two = (value: number): string => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export const kindOf = (type: EventType): Kind => kinds.find((kind) => KINDS[kind] === type)!;

export const nameOf = (row: Interaction, people = true): string =>
  row.contact.display_name ?? row.lsa?.customer_name ?? (people ? texts.unknown : texts.nobody);

/** The second line of a row. */
export function gist(row: Interaction): string {
  if (row.call) {
    const seconds = row.call.duration;
    return seconds === null ? texts.row.callUnknown : seconds === 0 ? texts.row.missed : texts.row.call(duration(seconds));
  }
  if (row.form) return row.form.subject ?? row.form.message ?? row.campaign_name ?? texts.row.noMessage;
  if (row.chat) return row.chat.summary ?? [texts.one.chat, row.chat.lead_type].filter(Boolean).join(', ');
  if (row.lsa) return [texts.one.lsa, row.lsa.lead_type && texts.row.lead(row.lsa.lead_type)].filter(Boolean).join(', ');
  if (row.booking) return [texts.one.booking, row.booking.booking_id].filter(Boolean).join(' ');
  return [texts.one.fpd, row.sub_type === 'Fpd' ? null : row.sub_type].filter(Boolean).join(', ');
}

/** A link that is safe to follow; null for everything that is not on the web. */
export function webLink(text: string | null | undefined): string | null {
  if (!text) return null;
  try {
    const url = new URL(text);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}
