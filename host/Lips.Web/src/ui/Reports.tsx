import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { address, ApiError, get } from '../api';
import { download, downloadTable } from '../csv';
import { longDay, month, monthDay } from '../format';
import { channels, go, format as href, kinds, parameters, route, type Filter, type Kind } from '../route';
import { dayOfThe } from '../ruler';
import { texts } from '../texts';
import type { By, Channel, Interval, Series } from '../types';
import { addDays, addMonths, monday } from '../zone';
import { Chips, setDay } from './Filters';
import { Icon } from './icons';
import { follow } from './link';
import { State } from './State';

const MOST = 800;
const HEIGHT = 260;
const SHORTEST_BAR = 6;

interface Part {
  key: string;
  name: string;
  style: string;
  totals: number[];
  filter: Partial<Filter>;
}

interface Figures {
  key: string;
  buckets: { from: string; to: string; name: string; short: string }[];
  parts: Part[];
}

function partsOf(series: Series): Part[] {
  return series.series
    .map((one): Part => {
      if (series.by === 'channel') {
        const channel = channels.find((name) => name === one.key)!;
        return { key: one.key, name: texts.channel[channel], style: `channel-${channel}`, totals: one.totals, filter: { channels: [channel as Channel] } };
      }
      const kind = kinds.find((name) => one.key.startsWith(name)) as Kind;
      return { key: one.key, name: texts.kind[kind], style: `fill-${kind}`, totals: one.totals, filter: { kinds: [kind] } };
    })
    .filter((part) => part.name !== undefined);
}

const nameOf = (from: string, interval: Interval): string => (interval === 'month' ? month(from, 'long') : interval === 'week' ? texts.reports.weekOf(longDay(from)) : longDay(from));

async function read(key: string, stop: AbortSignal): Promise<Figures | null> {
  const { advertiser, filter, zone, interval, by } = route.value;
  let { from, to } = filter;
  to ??= await dayOfThe('newest', filter, stop);
  if (to === null) return { key, buckets: [], parts: [] };
  from ??= interval === 'month' ? `${addMonths(to, -11).slice(0, 7)}-01` : interval === 'week' ? addDays(monday(to), -25 * 7) : addDays(to, -59);
  const { body } = await get<Series>(
    address('/contact_interactions/series', [
      // To filter by channel leaves out what came without a visit; the figures are those of the lists behind them.
      ...parameters(advertiser!, { ...filter, from, to, channels: by === 'channel' && filter.channels.length === 0 ? channels : filter.channels }, zone),
      ['interval', interval],
      ['by', by],
    ]),
    { stop },
  );
  const buckets = body.buckets.map((bucket, i) => {
    const day = bucket.slice(0, 10);
    const next = body.buckets[i + 1]?.slice(0, 10);
    const first = day < from! ? from! : day;
    return {
      from: first,
      to: next ? addDays(next, -1) : to!,
      name: nameOf(day, interval),
      short: interval === 'month' ? month(day) : monthDay(day),
    };
  });
  return { key, buckets, parts: partsOf(body) };
}

function Chart({ figures, show }: { figures: Figures; show: (filter: Partial<Filter>) => void }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(800);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => (width.value = Math.floor(entry!.contentRect.width)));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const { buckets, parts } = figures;
  const sums = buckets.map((_, i) => parts.reduce((sum, part) => sum + part.totals[i]!, 0));
  const most = Math.max(1, ...sums);
  const grid = 10 ** Math.floor(Math.log10(most));
  const line = most / grid >= 5 ? grid * 2 : most / grid >= 2 ? grid : grid / 2;
  const left = 44;
  const full = Math.max(width.value, left + buckets.length * SHORTEST_BAR);
  const each = (full - left) / buckets.length;
  const scale = (HEIGHT - 30) / most;
  const skip = Math.max(1, Math.ceil(46 / each));
  const bottom = HEIGHT - 20;
  const lines: number[] = [];
  for (let y = 0; y <= most; y += Math.max(1, line)) lines.push(y);
  return (
    <div class="chart" ref={box}>
      <svg
        width={full}
        height={HEIGHT}
        role="img"
        aria-label={texts.reports.chart(longDay(buckets[0]!.from), longDay(buckets[buckets.length - 1]!.to))}
      >
        {lines.map((y) => (
          <g key={y}>
            <line class="grid" x1={left} x2={full} y1={bottom - y * scale} y2={bottom - y * scale} />
            <text class="axis" x={left - 6} y={bottom - y * scale + 4} text-anchor="end">
              {texts.number(y)}
            </text>
          </g>
        ))}
        {buckets.map((bucket, i) => {
          let y = bottom;
          return (
            <g key={bucket.from} class="stack">
              {parts.map((part) => {
                const count = part.totals[i]!;
                if (count === 0) return null;
                const high = count * scale;
                y -= high;
                return (
                  <rect
                    key={part.key}
                    class={`segment ${part.style}`}
                    x={left + i * each + each * 0.12}
                    width={each * 0.76}
                    y={y}
                    height={Math.max(0.5, high - 0.5)}
                    onClick={() => show({ ...part.filter, from: bucket.from, to: bucket.to })}
                  >
                    <title>{texts.reports.of(count, part.name, bucket.name)}</title>
                  </rect>
                );
              })}
              {i % skip === 0 && (
                <text class="axis" x={left + i * each + each / 2} y={HEIGHT - 4} text-anchor="middle">
                  {bucket.short}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      <ul class="legend">
        {parts.map((part) => (
          <li key={part.key}>
            <span class={`swatch ${part.style}`} aria-hidden="true" /> {part.name}
          </li>
        ))}
      </ul>
    </div>
  );
}

export function Reports(): JSX.Element {
  const { advertiser, filter, interval, by, zone } = route.value;
  const key = JSON.stringify([advertiser, filter, interval, by, zone]);
  const figures = useSignal<Figures | null>(null);
  const error = useSignal<ApiError | null>(null);
  const tries = useSignal(0);
  useEffect(() => {
    document.title = texts.title([texts.reports.heading, advertiser ?? '']);
  }, [advertiser]);
  useEffect(() => {
    const run = new AbortController();
    error.value = null;
    read(key, run.signal).then(
      (got) => {
        if (!run.signal.aborted) figures.value = got;
      },
      (e: unknown) => {
        if (!run.signal.aborted && e instanceof ApiError) error.value = e;
      },
    );
    return () => run.abort();
  }, [key, tries.value]);

  const show = (more: Partial<Filter>): void => go({ view: 'inbox', filter: { ...filter, ...more }, id: null, at: null });
  const linkTo = (more: Partial<Filter>): string => href({ ...route.value, view: 'inbox', filter: { ...filter, ...more }, id: null, at: null });
  const now = figures.value;
  const parts = now?.parts.filter((part) => part.totals.some((count) => count > 0)) ?? [];
  const isEmpty = now !== null && parts.length === 0;
  const sum = (list: number[]): number => list.reduce((all, one) => all + one, 0);

  function save(): void {
    const head = [texts.reports.period, texts.reports.from, texts.reports.to, ...parts.map((part) => part.name), texts.reports.total];
    const lines = now!.buckets.map((bucket, i) => {
      const counts = parts.map((part) => part.totals[i]!);
      return [bucket.name, bucket.from, bucket.to, ...counts, sum(counts)];
    });
    downloadTable([head, ...lines], `report-by-${interval}`);
  }

  return (
    <main class="reports" id="main">
      <header>
        <h1>{texts.reports.heading}</h1>
        <p class="quiet">{texts.reports.lead}</p>
      </header>
      <form class="controls" onSubmit={(e) => e.preventDefault()}>
        <fieldset>
          <legend>{texts.reports.interval}</legend>
          <div class="segments">
            {(['day', 'week', 'month'] as const).map((one) => (
              <label key={one}>
                <input type="radio" name="interval" checked={interval === one} onChange={() => go({ interval: one }, 'replace')} />
                <span>{texts.reports.intervals[one]}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <fieldset>
          <legend>{texts.reports.by}</legend>
          <div class="segments">
            {(['event_type', 'channel'] as Exclude<By, 'none'>[]).map((one) => (
              <label key={one}>
                <input type="radio" name="by" checked={by === one} onChange={() => go({ by: one }, 'replace')} />
                <span>{texts.reports.bys[one]}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <label class="date">
          {texts.reports.from}
          <input type="date" value={filter.from ?? now?.buckets[0]?.from ?? ''} onChange={(e) => setDay('from', e.currentTarget.value)} />
        </label>
        <label class="date">
          {texts.reports.to}
          <input
            type="date"
            value={filter.to ?? now?.buckets[now.buckets.length - 1]?.to ?? ''}
            onChange={(e) => setDay('to', e.currentTarget.value)}
          />
        </label>
        <span class="gap" />
        <button type="button" disabled={now === null || isEmpty} onClick={save}>
          <Icon name="download" /> {texts.reports.csv}
        </button>
        <button type="button" onClick={() => void download()}>
          <Icon name="download" /> {texts.reports.csvAll}
        </button>
      </form>
      <Chips />
      {by === 'channel' && <p class="quiet small">{texts.reports.visits}</p>}
      {error.value && (
        <State
          heading={texts.reports.failed}
          error={error.value.status === 422 ? null : error.value}
          lead={error.value.lines.some((one) => one.message.includes(String(MOST))) ? texts.reports.tooLong : error.value.message}
          {...(error.value.status === 422 ? {} : { again: () => void tries.value++ })}
        />
      )}
      {now === null && !error.value && <State loading />}
      {isEmpty && !error.value && <State heading={texts.reports.empty} />}
      {now !== null && !isEmpty && !error.value && (
        <div class={now.key === key ? undefined : 'stale'}>
          <Chart figures={{ ...now, parts }} show={show} />
          <h2>{texts.reports.table}</h2>
          <div class="table" tabIndex={0} role="region" aria-label={texts.reports.table}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{texts.reports.period}</th>
                  {parts.map((part) => (
                    <th scope="col" key={part.key}>
                      {part.name}
                    </th>
                  ))}
                  <th scope="col">{texts.reports.total}</th>
                </tr>
              </thead>
              <tbody>
                {now.buckets.map((bucket, i) => {
                  const days = { from: bucket.from, to: bucket.to };
                  const cell = (count: number, more: Partial<Filter>, what: string): JSX.Element => (
                    <td key={what}>
                      {count === 0 ? (
                        <span class="quiet">0</span>
                      ) : (
                        <a href={linkTo({ ...more, ...days })} onClick={follow(() => show({ ...more, ...days }))} aria-label={texts.reports.of(count, what, bucket.name)}>
                          {texts.number(count)}
                        </a>
                      )}
                    </td>
                  );
                  return (
                    <tr key={bucket.from}>
                      <th scope="row">{bucket.name}</th>
                      {parts.map((part) => cell(part.totals[i]!, part.filter, part.name))}
                      {cell(sum(parts.map((part) => part.totals[i]!)), {}, texts.reports.total)}
                    </tr>
                  );
                })}
              </tbody>
              <tfoot>
                <tr>
                  <th scope="row">{texts.reports.total}</th>
                  {parts.map((part) => (
                    <td key={part.key}>{texts.number(sum(part.totals))}</td>
                  ))}
                  <td>{texts.number(parts.reduce((all, part) => all + sum(part.totals), 0))}</td>
                </tr>
              </tfoot>
            </table>
          </div>
        </div>
      )}
    </main>
  );
}
