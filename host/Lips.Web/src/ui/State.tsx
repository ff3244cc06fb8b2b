import type { JSX } from 'preact';
import type { ApiError } from '../api';
import { texts } from '../texts';

/** What stands where there is nothing to show: still loading, nothing there, or why not. */
export function State(props: {
  loading?: boolean;
  heading?: string;
  lead?: string;
  error?: ApiError | null;
  again?: () => void;
  children?: JSX.Element | null | false;
}): JSX.Element {
  if (props.loading)
    return (
      <div class="state" role="status">
        <span class="spinner" aria-hidden="true" />
        <p class="quiet">{texts.loading}</p>
      </div>
    );
  const { error } = props;
  const why =
    error === null || error === undefined
      ? props.lead
      : error.status === 403
        ? error.reason === 'advertiser'
          ? texts.denied.advertiser
          : error.reason === 'pii'
            ? texts.filters.searchDenied
            : texts.denied.general
        : error.status === 429
          ? texts.errors.tooMany
          : error.message;
  return (
    <div class="state" role={error ? 'alert' : undefined}>
      {props.heading && <p class="state-heading">{props.heading}</p>}
      {why && <p class="quiet">{why}</p>}
      {props.again && error?.status !== 403 && (
        <button type="button" onClick={props.again}>
          {texts.again}
        </button>
      )}
      {props.children}
    </div>
  );
}
