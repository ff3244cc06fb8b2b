// What the service answers with (contract sections 4, 6 and 11), as far as the inbox shows it.

export type EventType = 'CallEvent' | 'FormEvent' | 'ChatEvent' | 'BookingEvent' | 'LsaEvent' | 'FpdEvent';
export type Channel = 'search' | 'display' | 'social' | 'chat' | 'other' | 'none';
export type Fields = Record<string, unknown>;

export interface PhoneNumber {
  phone_type: string | null;
  phone_number: string | null;
}

export interface Contact {
  id: number;
  first_name: string | null;
  last_name: string | null;
  display_name: string | null;
  email: string | null;
  company: string | null;
  title: string | null;
  phone_numbers: PhoneNumber[];
  created_at: string;
}

export interface TranscriptLine {
  id: unknown;
  timestamp: string | null;
  from: string | null;
  message: string | null;
}

export interface Interaction {
  id: number;
  contact_id: number;
  global_master_advertiser_id: string;
  campaign_name: string | null;
  sub_type: string | null;
  referrer_type: string;
  referrer_source: string;
  influencing_campaign: string | null;
  occurred_at: string;
  created_at: string;
  channel: Exclude<Channel, 'none'> | null;
  event_type: EventType;
  external_source: string;
  page_url: string | null;
  important: boolean;
  read: boolean;
  archived_at: string | null;
  notes?: string | null;
  tags: string[];
  contact: Contact;
  call?: {
    recording_url: string | null;
    duration: number | null;
    target_number: string | null;
    caller_number: string | null;
    dialed_number: string | null;
  };
  form?: {
    subject: string | null;
    message: string | null;
    full_message: string | null;
    referring_url: string | null;
    extra_fields?: Fields | null;
  };
  chat?: {
    lead_type: string | null;
    provider: string | null;
    summary: string | null;
    referring_url: string | null;
    transcript?: TranscriptLine[];
  };
  booking?: { booking_id: string | null; extra_fields?: Fields | null };
  lsa?: { charged: number; customer_name: string | null; lead_type: string | null; lead_price: number | null };
  fpd?: { extra_fields?: Fields | null };
}

export interface Counts {
  events: number;
  call_events: number;
  form_events: number;
  chat_events: number;
  booking_events: number;
  lsa_events: number;
}

export type ChannelCounts = Record<Channel | 'channels', number>;

export interface Totals {
  totals: Counts;
  unread: Counts;
  channel: ChannelCounts;
}

export interface Page extends Totals {
  contact_interactions: Interaction[];
  next: string | null;
  previous: string | null;
  has_more: boolean;
}

export type Ability = 'read' | 'write' | 'ingest' | 'admin';

export interface Token {
  id: number | null;
  name: string;
  advertisers: string[] | 'all';
  abilities: Ability[];
  trusted: boolean;
  pii: boolean;
  expires_at: string | null;
}

export interface Advertiser {
  global_master_advertiser_id: string;
  events: number;
  unread: number;
}

export type Interval = 'hour' | 'day' | 'week' | 'month';
export type By = 'none' | 'event_type' | 'channel';

export interface Series {
  interval: Interval;
  by: By;
  time_zone: string;
  buckets: string[];
  series: { key: string; totals: number[]; unread: number[] }[];
}

export interface HistoryEntry {
  at: string;
  action: string;
  fields: string[];
  token: { id: number | null; name: string | null } | null;
}

export interface ActionAnswer {
  matched: number;
  changed_ids: number[];
  not_found: number[];
  has_more: boolean;
}

export type Change = { read?: boolean; important?: boolean };
export type Action = { type: 'update'; set: Change } | { type: 'archive' } | { type: 'unarchive' };
