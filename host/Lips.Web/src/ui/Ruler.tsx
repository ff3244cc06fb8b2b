import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { longDay, month } from '../format';
import { jump, places } from '../list';
import { ruler, type Bar } from '../ruler';
import { filterKey } from '../route';
import { texts } from '../texts';

const LEAST = 3;
const LABEL = 30;
const PAUSE = 250;

/** Bars joined until each is high enough to be seen. */
function joined(bars: Bar[], height: number): Bar[] {
  const together = Math.max(1, Math.ceil((bars.length * LEAST) / Math.max(height, 1)));
  const out: Bar[] = [];
  for (let i = 0; i < bars.length; i += together) {
    const part = bars.slice(i, i + together);
    out.push({
      from: part[part.length - 1]!.from,
      to: part[0]!.to,
      total: part.reduce((sum, bar) => sum + bar.total, 0),
      unread: part.reduce((sum, bar) => sum + bar.unread, 0),
    });
  }
  return out;
}

/** Where in time the list stands, how much lies where, and a way to any day. */
export function DateRuler({ top, span }: { top: number; span: number }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const height = useSignal(0);
  const over = useSignal<number | null>(null);
  const keyed = useSignal<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useLayoutEffect(() => {
    const measure = (): void => {
      height.value = box.current?.clientHeight ?? 0;
    };
    const observer = new ResizeObserver(measure);
    observer.observe(box.current!);
    measure();
    return () => observer.disconnect();
  }, []);

  // Days without a row in any of them say nothing.
  const got = ruler.value?.key === filterKey.value && ruler.value.bars.some((bar) => bar.total > 0) ? ruler.value : null;
  const bars = got ? joined(got.bars, height.value) : [];
  const each = bars.length > 0 ? height.value / bars.length : 0;
  const most = Math.max(1, ...bars.map((bar) => bar.total));
  const sum = bars.reduce((all, bar) => all + bar.total, 0);
  const scale = places.value > 0 ? Math.max(1, sum / places.value) : 1;

  const barOf = (place: number): number => {
    let above = 0;
    for (let i = 0; i < bars.length; i++) {
      above += bars[i]!.total;
      if (place < above) return i;
    }
    return Math.max(0, bars.length - 1);
  };
  const now = keyed.value ?? barOf(top * scale);
  const until = Math.max(now, barOf((top + span) * scale));
  const at = (e: PointerEvent): number => {
    const rect = box.current!.getBoundingClientRect();
    return Math.min(bars.length - 1, Math.max(0, Math.floor((e.clientY - rect.top) / each)));
  };
  const to = (index: number): void => {
    const bar = bars[index];
    if (bar) jump(bar.to);
  };

  function key(e: KeyboardEvent): void {
    const step: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -bars.length, End: bars.length };
    const by = step[e.key];
    if (by === undefined || bars.length === 0) return;
    e.preventDefault();
    e.stopPropagation();
    keyed.value = Math.min(bars.length - 1, Math.max(0, now + by));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      to(keyed.value!);
      keyed.value = null;
    }, PAUSE);
  }

  const labels: JSX.Element[] = [];
  let last = -LABEL;
  bars.forEach((bar, i) => {
    const before = bars[i - 1];
    if (before && bar.to.slice(0, 7) === before.to.slice(0, 7)) return;
    const y = i * each;
    if (y - last < LABEL || y > height.value - 14) return;
    last = y;
    const january = bar.to.slice(5, 7) === '01';
    labels.push(
      <text key={bar.to} x={4} y={y + 11} class={january ? 'year' : undefined}>
        {january ? bar.to.slice(0, 4) : month(bar.to)}
      </text>,
    );
  });
  const hint = over.value === null ? null : bars[over.value];
  return (
    <div
      ref={box}
      class="ruler"
      role="slider"
      tabIndex={bars.length > 0 ? 0 : -1}
      aria-label={texts.ruler.label}
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={Math.max(0, bars.length - 1)}
      aria-valuenow={bars.length > 0 ? now : 0}
      aria-valuetext={bars[now] ? texts.ruler.value(longDay(bars[now].to), bars[now].total) : texts.ruler.none}
      aria-disabled={bars.length === 0}
      onKeyDown={key}
      onPointerDown={(e) => {
        if (bars.length === 0) return;
        e.currentTarget.setPointerCapture(e.pointerId);
        over.value = at(e);
      }}
      onPointerMove={(e) => {
        if (bars.length > 0) over.value = at(e);
      }}
      onPointerUp={(e) => {
        if (bars.length > 0) to(at(e));
      }}
      onPointerLeave={() => (over.value = null)}
    >
      <svg width="100%" height="100%" aria-hidden="true">
        {bars.length > 0 && <rect class="here" x="0" width="100%" y={now * each} height={Math.max(5, (until - now + 1) * each)} />}
        {bars.map((bar, i) =>
          bar.total === 0 ? null : (
            <rect
              key={bar.to}
              class={over.value === i ? 'bar over' : 'bar'}
              x={`${100 - (bar.total / most) * 62}%`}
              width={`${(bar.total / most) * 62}%`}
              y={i * each}
              height={Math.max(1, each - (each > 3 ? 1 : 0))}
            />
          ),
        )}
        {labels}
      </svg>
      {hint && (
        <span class="hint" style={{ top: `${Math.min(height.value - 30, over.value! * each)}px` }}>
          {hint.from === hint.to ? longDay(hint.to) : `${longDay(hint.from)} – ${longDay(hint.to)}`}
          <br />
          {texts.list.counts(hint.total, hint.unread)}
        </span>
      )}
    </div>
  );
}
