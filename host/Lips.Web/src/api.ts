import { signal } from '@preact/signals';
import { texts } from './texts';

/** An answer that is not a success, or no answer at all (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly reason: string | null = null,
    readonly lines: { attribute: string; message: string }[] = [],
    readonly wait: number | null = null,
  ) {
    super(message);
  }

  /** Sent again later it may well succeed. */
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

const KEY = 'lips.token';
const RETRIES = 4;

export const token = signal<string | null>(sessionStorage.getItem(KEY));
/** Whether the last request that was sent got any answer. */
export const reachable = signal(true);
/** Until when the service asked us to wait (429), as Date.now(); 0 for not at all. */
export const heldUntil = signal(0);
/** The token was refused after it had been accepted. */
export const refused = signal(false);

export function keepToken(value: string | null): void {
  if (value === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, value);
  token.value = value;
}

export const pause = (ms: number, stop?: AbortSignal): Promise<void> =>
  new Promise((done, fail) => {
    const timer = setTimeout(done, ms);
    stop?.addEventListener('abort', () => {
      clearTimeout(timer);
      fail(stop.reason);
    });
  });

export interface Ask {
  method?: string;
  body?: unknown;
  ifMatch?: string | null;
  /** The answer shall be the changed object. */
  wantsObject?: boolean;
  stop?: AbortSignal;
  accept?: string;
  /** Another token than the one that is kept. */
  as?: string;
}

async function failure(answer: Response): Promise<ApiError> {
  const seconds = Number(answer.headers.get('Retry-After'));
  const wait = answer.headers.has('Retry-After') && Number.isFinite(seconds) ? seconds * 1000 : null;
  try {
    const body = await answer.json();
    if (Array.isArray(body)) {
      const said = body.map((line) => `${line.attribute} ${line.message}`).join('; ');
      return new ApiError(answer.status, said, null, body, wait);
    }
    return new ApiError(answer.status, String(body.message), body.reason ?? null, [], wait);
  } catch {
    return new ApiError(answer.status, texts.errors.status(answer.status), null, [], wait);
  }
}

/** One request, sent once. */
export async function send(path: string, ask: Ask = {}): Promise<Response> {
  const headers: Record<string, string> = {
    Accept: ask.accept ?? 'application/json',
    Authorization: `Bearer ${ask.as ?? token.value ?? ''}`,
  };
  if (ask.body !== undefined) headers['Content-Type'] = 'application/json';
  if (ask.ifMatch) headers['If-Match'] = ask.ifMatch;
  if (ask.wantsObject) headers.Prefer = 'return=representation';
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: ask.method ?? 'GET',
      headers,
      body: ask.body === undefined ? null : JSON.stringify(ask.body),
      signal: ask.stop ?? null,
      credentials: 'omit',
      cache: 'no-cache',
    });
  } catch (error) {
    if (ask.stop?.aborted) throw error;
    reachable.value = false;
    throw new ApiError(0, texts.errors.unreachable);
  }
  reachable.value = true;
  if (answer.ok) return answer;
  const error = await failure(answer);
  if (error.status === 429) heldUntil.value = Date.now() + (error.wait ?? 1000);
  if (error.status === 401 && ask.as === undefined && token.value !== null) {
    refused.value = true;
    keepToken(null);
  }
  throw error;
}

/** A request that is sent again while the service asks to wait. Only reading is repeated here. */
export async function get<T>(path: string, ask: Ask = {}): Promise<{ body: T; etag: string | null }> {
  for (let tries = 0; ; tries++) {
    try {
      const answer = await send(path, ask);
      return { body: (await answer.json()) as T, etag: answer.headers.get('ETag') };
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status !== 429 && error.status !== 503) || tries >= RETRIES) throw error;
      await pause(Math.max(error.wait ?? 0, 500 * 2 ** tries), ask.stop);
    }
  }
}

export type Parameters = [string, string][];

/** A path with a query string. */
export function address(path: string, parameters: Parameters): string {
  const query = new URLSearchParams(parameters).toString();
  return query === '' ? path : `${path}?${query}`;
}
