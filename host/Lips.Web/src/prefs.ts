import { effect, signal } from '@preact/signals';

// Tastes of this browser. They are no secrets and outlive the tab, unlike the token.

export type Theme = 'system' | 'light' | 'dark';

function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

const stored = read('lips.theme');
export const theme = signal<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system');
/** Whether single keys do something. Those who speak to their computer switch them off (WCAG 2.1.4). */
export const keysOn = signal(read('lips.keys') !== 'off');

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  write('lips.theme', theme.value);
});
effect(() => write('lips.keys', keysOn.value ? 'on' : 'off'));
