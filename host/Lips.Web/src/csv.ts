import { say } from './actions';
import { address, ApiError, send } from './api';
import { parameters, route } from './route';
import { texts } from './texts';

function give(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

const nameOf = (what: string): string => {
  const { advertiser, filter } = route.value;
  return [advertiser, what, filter.from, filter.to].filter(Boolean).join('-') + '.csv';
};

/** All interactions of the filter, as the service writes them. */
export async function download(): Promise<void> {
  const { advertiser, filter, zone } = route.value;
  const plain = parameters(advertiser!, filter, zone).filter(([name]) => name !== 'time_zone');
  try {
    const answer = await send(address('/contact_interactions.csv', [...plain, ['time_zone', zone], ['bom', 'true']]), { accept: 'text/csv' });
    give(await answer.blob(), nameOf('interactions'));
    say(texts.list.downloaded);
  } catch (error) {
    say(error instanceof ApiError ? error.message : texts.errors.unreachable, 'failed');
  }
}

/** A table that the page has, as a file. A byte order mark, because spreadsheets need one. */
export function downloadTable(lines: (string | number)[][], what: string): void {
  const cell = (value: string | number): string => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
  const text = lines.map((line) => line.map(cell).join(',')).join('\r\n');
  give(new Blob([`\uFEFF${text}\r\n`], { type: 'text/csv;charset=utf-8' }), nameOf(what));
}
