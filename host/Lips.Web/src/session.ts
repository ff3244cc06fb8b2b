import { computed, signal } from '@preact/signals';
import { ApiError, get, keepToken, refused, token } from './api';
import { go, noFilter } from './route';
import type { Token } from './types';

/** What the token may do; null until it is known. */
export const self = signal<Token | null>(null);
export const selfError = signal<ApiError | null>(null);

export const mayWrite = computed(() => self.value?.abilities.some((one) => one === 'write' || one === 'admin') ?? false);
export const seesPeople = computed(() => self.value?.pii ?? false);

/** Tries a token and keeps it when it is good. */
export async function signIn(secret: string): Promise<void> {
  const { body } = await get<{ token: Token }>('/tokens/self', { as: secret });
  keepToken(secret);
  refused.value = false;
  self.value = body.token;
}

/** Looks up the token that was kept by an earlier view of this tab. */
export async function resume(): Promise<void> {
  if (token.value === null || self.value !== null) return;
  selfError.value = null;
  try {
    self.value = (await get<{ token: Token }>('/tokens/self')).body.token;
  } catch (error) {
    if (error instanceof ApiError && error.status !== 401) selfError.value = error;
  }
}

export function signOut(): void {
  keepToken(null);
  self.value = null;
  refused.value = false;
  go({ advertiser: null, id: null, view: 'inbox', filter: noFilter, at: null });
}
