import { useEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { signal } from '@preact/signals';
import { keysOn } from '../prefs';
import { texts } from '../texts';
import { Icon } from './icons';

const shown = signal(false);

export function showHelp(): void {
  shown.value = true;
}

export function Help(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (shown.value && !dialog.current?.open) dialog.current?.showModal();
  }, [shown.value]);
  return (
    <dialog ref={dialog} class="shortcuts" aria-labelledby="help-heading" onClose={() => (shown.value = false)}>
      <header>
        <h2 id="help-heading">{texts.keys.heading}</h2>
        <button type="button" class="plain" aria-label={texts.close} onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      <dl class="keys">
        {texts.keys.list.map(([key, what]) => (
          <div key={key}>
            <dt>
              {key.split(' ').map((part) => (
                <kbd key={part}>{part}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input type="checkbox" checked={keysOn.value} onChange={(e) => (keysOn.value = e.currentTarget.checked)} />
        {texts.keys.on}
      </label>
    </dialog>
  );
}
