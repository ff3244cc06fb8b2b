import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { ApiError, refused } from '../api';
import { self, signIn, signOut } from '../session';
import { texts } from '../texts';
import { Icon } from './icons';

export function SignIn(): JSX.Element {
  const error = useSignal<string | null>(null);
  const busy = useSignal(false);
  const visible = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = texts.title([texts.signIn.heading]);
    input.current?.focus();
  }, []);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const secret = input.current?.value.trim() ?? '';
    if (secret === '' || busy.value) return;
    busy.value = true;
    error.value = null;
    try {
      await signIn(secret);
      if (self.value?.abilities.some((one) => one === 'read' || one === 'admin')) return;
      signOut();
      error.value = texts.signIn.noRead;
    } catch (e) {
      error.value = e instanceof ApiError && e.status === 401 ? texts.signIn.wrong : e instanceof Error ? e.message : '';
    } finally {
      busy.value = false;
      input.current?.focus();
    }
  }

  const said = error.value ?? (refused.value ? texts.signIn.refused : null);
  return (
    <main class="sign-in">
      <form onSubmit={submit} class="card">
        <p class="brand">
          <Icon name="inbox" /> {texts.product}
        </p>
        <h1>{texts.signIn.heading}</h1>
        <p class="quiet" id="sign-in-lead">
          {texts.signIn.lead}
        </p>
        <label for="token">{texts.signIn.label}</label>
        <input
          id="token"
          ref={input}
          type={(visible.value ? 'text' : 'password') as 'password'}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          required
          aria-describedby="sign-in-lead sign-in-error"
          aria-invalid={said !== null}
        />
        <label class="check">
          <input type="checkbox" checked={visible.value} onChange={(e) => (visible.value = e.currentTarget.checked)} />
          {texts.signIn.show}
        </label>
        <p id="sign-in-error" class="error" role="alert">
          {said}
        </p>
        <button type="submit" class="primary" disabled={busy.value}>
          {busy.value ? texts.signIn.busy : texts.signIn.button}
        </button>
        <p class="quiet small">{texts.signIn.help}</p>
      </form>
    </main>
  );
}
