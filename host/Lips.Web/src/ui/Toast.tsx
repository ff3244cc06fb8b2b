import type { JSX } from 'preact';
import { dismiss, holdToast, toast, undo } from '../actions';
import { texts } from '../texts';
import { Icon } from './icons';

export function Toast(): JSX.Element {
  const now = toast.value;
  return (
    <div class="toasts" role="status" onMouseEnter={() => holdToast(true)} onMouseLeave={() => holdToast(false)}>
      {now && (
        <div key={now.id} class={`toast ${now.kind}`} onFocusCapture={() => holdToast(true)} onBlurCapture={() => holdToast(false)}>
          <span>{now.text}</span>
          {now.undo && (
            <button type="button" class="link" onClick={undo}>
              {texts.actions.undo} <kbd aria-hidden="true">z</kbd>
            </button>
          )}
          <button type="button" class="plain" aria-label={texts.close} onClick={dismiss}>
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}
