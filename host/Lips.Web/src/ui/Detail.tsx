import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { archive, perform, toggle } from '../actions';
import { detail, drafts, history, moreHistory, open, others, resolve, save, type } from '../detail';
import * as format from '../format';
import { current, rows, version, view } from '../list';
import { closeDetail, format as href, go, noFilter, openDetail, route } from '../route';
import { mayWrite, seesPeople } from '../session';
import { texts } from '../texts';
import type { Fields, Interaction } from '../types';
import { Icon, KindIcon, type IconName } from './icons';
import { follow } from './link';
import { State } from './State';

const READ_AFTER = 800;
/** The one that was, or is about to be, marked as read by being looked at. */
let marked: number | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element | null {
  if (children === null || children === undefined || children === '') return null;
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Address({ text }: { text: string }): JSX.Element {
  const link = format.webLink(text);
  return link === null ? (
    <>{text}</>
  ) : (
    <a href={link} target="_blank" rel="noopener noreferrer">
      {text}
    </a>
  );
}

const Phone = ({ number }: { number: string }): JSX.Element => (
  <a href={`tel:${number.replace(/ x.*$/, '').replaceAll(' ', '')}`}>{number}</a>
);

const words = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

const label = (name: string): string => {
  const spaced = name.replaceAll(/[_-]+/g, ' ').trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
};

function ExtraFields({ fields }: { fields: Fields | null | undefined }): JSX.Element | null {
  const entries = Object.entries(fields ?? {}).filter(([, value]) => words(value) !== '');
  if (entries.length === 0) return null;
  return (
    <section>
      <h3>{texts.detail.fields}</h3>
      <dl class="facts">
        {entries.map(([name, value]) => (
          <Fact key={name} name={label(name)}>
            {words(value)}
          </Fact>
        ))}
      </dl>
    </section>
  );
}

function Recording({ url }: { url: string | null }): JSX.Element {
  const failed = useSignal(false);
  const link = format.webLink(url);
  if (link === null) return <p class="quiet">{seesPeople.value ? texts.detail.noRecording : texts.detail.hidden}</p>;
  return (
    <>
      {!failed.value && <audio controls preload="none" src={link} aria-label={texts.detail.recording} onError={() => (failed.value = true)} />}
      {failed.value && (
        <p class="quiet" role="status">
          {texts.detail.recordingFailed}{' '}
          <a href={link} target="_blank" rel="noopener noreferrer">
            {texts.detail.recordingOpen}
          </a>
        </p>
      )}
    </>
  );
}

function Part({ row }: { row: Interaction }): JSX.Element | null {
  const { call, form, chat, booking, lsa, fpd } = row;
  if (call)
    return (
      <section>
        <h3>{texts.detail.call}</h3>
        <Recording key={row.id} url={call.recording_url} />
        <dl class="facts">
          <Fact name={texts.detail.duration}>
            {call.duration === null ? null : call.duration === 0 ? texts.row.missed : format.duration(call.duration)}
          </Fact>
          <Fact name={texts.detail.caller}>{call.caller_number && <Phone number={call.caller_number} />}</Fact>
          <Fact name={texts.detail.dialed}>{call.dialed_number}</Fact>
          <Fact name={texts.detail.target}>{call.target_number}</Fact>
        </dl>
      </section>
    );
  if (form) {
    const more = form.full_message && form.full_message !== form.message ? form.full_message : null;
    return (
      <>
        <section>
          <h3>{texts.detail.message}</h3>
          {form.subject && <p class="subject">{form.subject}</p>}
          {form.message ? <p class="message">{form.message}</p> : <p class="quiet">{seesPeople.value ? texts.row.noMessage : texts.detail.hidden}</p>}
          {more && (
            <details>
              <summary>{texts.detail.fullMessage}</summary>
              <p class="message">{more}</p>
            </details>
          )}
        </section>
        <ExtraFields fields={form.extra_fields} />
      </>
    );
  }
  if (chat) {
    const lines = chat.transcript ?? [];
    const first = lines[0]?.from;
    return (
      <section>
        {chat.summary && (
          <>
            <h3>{texts.detail.summary}</h3>
            <p class="message">{chat.summary}</p>
          </>
        )}
        <h3>{texts.detail.transcript}</h3>
        {lines.length === 0 ? (
          <p class="quiet">{seesPeople.value ? texts.detail.noTranscript : texts.detail.hidden}</p>
        ) : (
          <ol class="transcript">
            {lines.map((line, i) => (
              <li key={i} class={line.from === first ? 'first' : 'second'}>
                <span class="from">
                  {line.from} {line.timestamp && !Number.isNaN(Date.parse(line.timestamp)) && (
                    <time class="quiet">{format.time(line.timestamp, route.value.zone)}</time>
                  )}
                </span>
                <p>{line.message}</p>
              </li>
            ))}
          </ol>
        )}
      </section>
    );
  }
  if (booking)
    return (
      <>
        <section>
          <h3>{texts.one.booking}</h3>
          <dl class="facts">
            <Fact name={texts.detail.bookingId}>{booking.booking_id}</Fact>
          </dl>
        </section>
        <ExtraFields fields={booking.extra_fields} />
      </>
    );
  if (lsa)
    return (
      <section>
        <h3>{texts.one.lsa}</h3>
        <dl class="facts">
          <Fact name={texts.detail.customer}>{lsa.customer_name}</Fact>
          <Fact name={texts.detail.leadType}>{lsa.lead_type && label(texts.row.lead(lsa.lead_type))}</Fact>
          <Fact name={texts.detail.price}>{lsa.lead_price === null ? null : texts.number(lsa.lead_price)}</Fact>
          <Fact name={texts.detail.charged}>{lsa.charged === 1 ? texts.detail.yes : texts.detail.no}</Fact>
        </dl>
      </section>
    );
  return <ExtraFields fields={fpd?.extra_fields} />;
}

function Notes({ row }: { row: Interaction }): JSX.Element {
  const draft = drafts.value.get(row.id);
  const text = draft?.text ?? row.notes ?? '';
  const saving = draft?.saving;
  const area = useRef<HTMLTextAreaElement>(null);
  const said =
    saving === undefined
      ? ''
      : saving.state === 'conflict'
        ? texts.notes.conflict
        : saving.state === 'refused'
          ? texts.notes.refused(saving.message)
          : texts.notes[saving.state];
  return (
    <section class="notes">
      <h3>
        <label for="note">{texts.notes.label}</label>
        <span class={`saving ${saving?.state ?? ''}`} role="status">
          {saving?.state === 'saved' && <Icon name="check" />}
          {said}
        </span>
      </h3>
      <textarea
        id="note"
        ref={area}
        rows={3}
        maxLength={10_000}
        value={text}
        placeholder={mayWrite.value ? texts.notes.placeholder : texts.notes.denied}
        title={mayWrite.value ? texts.notes.hint : texts.notes.denied}
        readOnly={!mayWrite.value}
        aria-invalid={saving?.state === 'conflict' || saving?.state === 'refused'}
        onInput={(e) => type(row.id, e.currentTarget.value)}
        onBlur={() => save(row.id)}
      />
      {saving?.state === 'conflict' && (
        <div class="clash" role="alert">
          <p>{texts.notes.conflictLead}</p>
          <div class="versions">
            <div>
              <h4>{texts.notes.theirs}</h4>
              <p class="message">{saving.theirs || texts.notes.empty}</p>
            </div>
            <div>
              <h4>{texts.notes.yours}</h4>
              <p class="message">{text || texts.notes.empty}</p>
            </div>
          </div>
          <div class="buttons">
            <button type="button" onClick={() => resolve(row.id, [saving.theirs, text].filter(Boolean).join('\n\n'), false)}>
              {texts.notes.keepBoth}
            </button>
            <button type="button" onClick={() => resolve(row.id, text, false)}>
              {texts.notes.keepYours}
            </button>
            <button type="button" onClick={() => resolve(row.id, '', true)}>
              {texts.notes.keepTheirs}
            </button>
          </div>
        </div>
      )}
    </section>
  );
}

function Others({ row }: { row: Interaction }): JSX.Element {
  const got = others.value;
  const { zone, filter } = route.value;
  const all = { ...route.value, filter: { ...noFilter, contact: row.contact_id }, id: null, at: null };
  return (
    <section>
      <h3>{texts.detail.others}</h3>
      {got === null && <p class="quiet">{texts.loading}</p>}
      {got?.failed && <p class="quiet">{texts.detail.othersFailed}</p>}
      {got && !got.failed && got.rows.length === 0 && <p class="quiet">{texts.detail.noOthers}</p>}
      {got && got.rows.length > 0 && (
        <ul class="others">
          {got.rows.map((other) => (
            <li key={other.id} class={other.read ? undefined : 'new'}>
              <a href={href({ ...route.value, id: other.id })} onClick={follow(() => openDetail(other.id, 'replace'))}>
                <KindIcon kind={format.kindOf(other.event_type)} />
                <span class="gist">{format.gist(other)}</span>
                <time dateTime={other.occurred_at}>{format.shortDay(other.occurred_at, zone)}</time>
              </a>
            </li>
          ))}
        </ul>
      )}
      {got && got.rows.length > 0 && filter.contact !== row.contact_id && (
        <a href={href(all)} onClick={follow(() => go(all))}>
          {texts.detail.allOthers}
        </a>
      )}
    </section>
  );
}

function History(): JSX.Element {
  const got = history.value;
  const { zone } = route.value;
  return (
    <section>
      <h3>{texts.detail.history}</h3>
      {got === null && <p class="quiet">{texts.loading}</p>}
      {got?.failed && <p class="quiet">{texts.detail.historyFailed}</p>}
      {got && !got.failed && got.entries.length === 0 && <p class="quiet">{texts.detail.noHistory}</p>}
      {got && got.entries.length > 0 && (
        <ol class="history">
          {got.entries.map((entry, i) => (
            <li key={i}>
              <span>{texts.detail.changed(entry.action, entry.fields)}</span>{' '}
              <span class="quiet">
                {texts.detail.by(entry.token?.name ?? null)} <time dateTime={entry.at}>{format.moment(entry.at, zone)}</time>
              </span>
            </li>
          ))}
        </ol>
      )}
      {got?.next && (
        <button type="button" class="link" onClick={() => void moreHistory()}>
          {texts.detail.historyMore}
        </button>
      )}
    </section>
  );
}

function Tool(props: { icon: IconName; name: string; keyName?: string; on?: boolean; disabled?: string | undefined; act: () => void }): JSX.Element {
  const title = props.disabled ?? (props.keyName ? `${props.name} (${props.keyName})` : props.name);
  return (
    <button type="button" class="plain" aria-label={props.name} title={title} disabled={props.disabled !== undefined} onClick={props.act}>
      <Icon name={props.icon} filled={props.on ?? false} />
    </button>
  );
}

/** To the row above or below the open one. */
export function step(by: number): void {
  const list = rows();
  const from = route.value.id ?? current.value;
  const index = list.findIndex((row) => row.id === from);
  const to = list[Math.max(0, Math.min(list.length - 1, index + by))];
  if (!to || to.id === route.value.id) return;
  current.value = to.id;
  view.reveal(to.id, false);
  openDetail(to.id, 'replace');
}

function Toolbar({ row }: { row: Interaction | null }): JSX.Element {
  const denied = mayWrite.value ? undefined : texts.denied.write;
  // Read, so that the list's coming is seen.
  version.value;
  const list = rows();
  const index = list.findIndex((one) => one.id === route.value.id);
  return (
    <div class="tools" role="toolbar" aria-label={texts.actions.label}>
      <button type="button" class="plain back" aria-label={texts.detail.back} title={texts.detail.back} onClick={closeDetail}>
        <Icon name="back" />
      </button>
      {row && (
        <>
          <Tool
            icon={row.read ? 'unread' : 'read'}
            name={row.read ? texts.actions.unread : texts.actions.read}
            keyName="u"
            disabled={denied}
            act={() => toggle('read', [row])}
          />
          <Tool
            icon="star"
            on={row.important}
            name={row.important ? texts.actions.unimportant : texts.actions.important}
            keyName="i"
            disabled={denied}
            act={() => toggle('important', [row])}
          />
          <Tool
            icon={row.archived_at === null ? 'archive' : 'unarchive'}
            name={row.archived_at === null ? texts.actions.archive : texts.actions.unarchive}
            keyName="e"
            disabled={denied}
            act={() => archive([row])}
          />
        </>
      )}
      <span class="gap" />
      <Tool icon="up" name={texts.detail.previous} keyName="k" disabled={index <= 0 ? texts.detail.previous : undefined} act={() => step(-1)} />
      <Tool
        icon="down"
        name={texts.detail.next}
        keyName="j"
        disabled={index < 0 || index >= list.length - 1 ? texts.detail.next : undefined}
        act={() => step(1)}
      />
    </div>
  );
}

function Card({ row }: { row: Interaction }): JSX.Element {
  const { zone } = route.value;
  const kind = format.kindOf(row.event_type);
  const { contact } = row;
  const referring = row.form?.referring_url ?? row.chat?.referring_url;
  const sub = row.sub_type && row.sub_type.toLowerCase() !== kind ? row.sub_type : null;
  return (
    <>
      <header class="title">
        <KindIcon kind={kind} />
        <div>
          <h2>{format.nameOf(row, seesPeople.value)}</h2>
          <p class="quiet">
            {texts.one[kind]}, <time dateTime={row.occurred_at}>{format.moment(row.occurred_at, zone)}</time>
            {row.archived_at !== null && <span class="tag">{texts.list.archived}</span>}
          </p>
        </div>
      </header>
      {!seesPeople.value && <p class="hint-line">{texts.detail.hidden}</p>}
      <div class="columns">
        <div class="main-column">
          <Part row={row} />
          <Notes row={row} />
          <Others row={row} />
        </div>
        <div class="side-column">
          <section>
            <h3>{texts.detail.contact}</h3>
            <dl class="facts">
              <Fact name={texts.detail.email}>{contact.email && <a href={`mailto:${encodeURIComponent(contact.email)}`}>{contact.email}</a>}</Fact>
              {contact.phone_numbers.map((phone, i) => (
                <Fact key={i} name={phone.phone_type ? label(phone.phone_type) : texts.detail.phone}>
                  {phone.phone_number && <Phone number={phone.phone_number} />}
                </Fact>
              ))}
              <Fact name={texts.detail.company}>{contact.company}</Fact>
              <Fact name={texts.detail.jobTitle}>{contact.title}</Fact>
              <Fact name={texts.detail.since}>{format.moment(contact.created_at, zone)}</Fact>
            </dl>
          </section>
          <section>
            <h3>{texts.detail.about}</h3>
            <dl class="facts">
              <Fact name={texts.detail.subType}>{sub}</Fact>
              <Fact name={texts.detail.channel}>{texts.channel[row.channel ?? 'none']}</Fact>
              <Fact name={texts.detail.leadType}>{row.chat?.lead_type}</Fact>
              <Fact name={texts.detail.provider}>{row.chat?.provider}</Fact>
              <Fact name={texts.detail.campaign}>{row.campaign_name}</Fact>
              <Fact name={texts.detail.influencing}>{row.influencing_campaign}</Fact>
              <Fact name={texts.detail.referrer}>
                {[row.referrer_type === 'UNKNOWN' ? '' : label(row.referrer_type.toLowerCase()), row.referrer_source].filter(Boolean).join(', ')}
              </Fact>
              <Fact name={texts.detail.page}>{row.page_url && <Address text={row.page_url} />}</Fact>
              <Fact name={texts.detail.referring}>{referring && <Address text={referring} />}</Fact>
              <Fact name={texts.detail.source}>{row.external_source}</Fact>
              <Fact name={texts.detail.received}>{format.moment(row.created_at, zone)}</Fact>
              <Fact name={texts.detail.tags}>{row.tags.join(', ')}</Fact>
            </dl>
          </section>
          <History />
        </div>
      </div>
    </>
  );
}

export function Detail(): JSX.Element {
  const now = detail.value;
  const { id } = route.value;
  const box = useRef<HTMLElement>(null);

  // Looked at for a moment, it is read.
  useSignalEffect(() => {
    const { id: shown, status } = detail.value;
    if (status !== 'ready' || shown === null || marked === shown) return;
    marked = shown;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const { id: still, data } = detail.value;
      if (still === shown && data && !data.read && mayWrite.value && !document.hidden) {
        perform({ type: 'update', set: { read: true } }, [shown], '', true);
      }
    }, READ_AFTER);
  });

  useEffect(() => {
    // Beside the list the keyboard stays there; alone, what is shown is what is read.
    if (id !== null && !matchMedia('(min-width: 44rem)').matches) box.current?.focus();
    box.current?.scrollTo(0, 0);
    if (id === null) marked = null;
  }, [id]);

  const row = now.id === id ? now.data : null;
  return (
    <section class="detail" aria-label={texts.detail.label} ref={box} tabIndex={-1}>
      {id === null ? (
        <State heading={texts.detail.none} lead={texts.detail.noneLead} />
      ) : (
        <>
          <Toolbar row={row} />
          {row && <Card key={row.id} row={row} />}
          {!row && now.status !== 'failed' && <State loading />}
          {now.status === 'failed' && (
            <State
              heading={texts.detail.failed}
              error={now.error?.status === 404 ? null : now.error}
              lead={texts.detail.gone}
              {...(now.error?.status === 404 ? {} : { again: () => void open(id) })}
            />
          )}
        </>
      )}
    </section>
  );
}
