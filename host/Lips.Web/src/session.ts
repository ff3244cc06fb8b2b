import { computed, signal } from '@preact/signals';
import { ApiError, get, keepToken, pause, refused, token } from './api';
import { go, noFilter } from './route';
import type { Token } from './types';

const SHORTEST = 1_000;
const LONGEST = 30_000;

/** What the token may do; null until it is known. */
export const self = signal<Token | null>(null);

export const mayWrite = computed(() => self.value?.abilities.some((one) => one === 'write' || one === 'admin') ?? false);
/** Taken for granted until it is known, so that the first view waits for nothing. */
export const seesPeople = computed(() => self.value?.pii ?? true);

/** Tries a token and keeps it when it is good. */
export async function signIn(secret: string): Promise<void> {
  const { body } = await get<{ token: Token }>('/tokens/self', { as: secret });
  keepToken(secret);
  refused.value = false;
  self.value = body.token;
}

/** Looks up the token that was kept by an earlier view of this tab. */
export async function resume(): Promise<void> {
  for (let wait = SHORTEST; token.value !== null && self.value === null; wait = Math.min(wait * 2, LONGEST)) {
    try {
      self.value = (await get<{ token: Token }>('/tokens/self')).body.token;
    } catch (error) {
      // With a token that is refused, the page asks for another.
      if (!(error instanceof ApiError) || !error.passes) return;
      await pause(wait);
    }
  }
}

export function signOut(): void {
  keepToken(null);
  self.value = null;
  refused.value = false;
  go({ advertiser: null, id: null, view: 'inbox', filter: noFilter, at: null });
}
