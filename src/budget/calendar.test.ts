import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Calendar, isTimeZone } from './calendar.ts';
import { replayable } from '../std/testing/replayable.ts';

const hourMs = 3_600_000;
const at = (text: string): number => Date.parse(text);
const said = (ms: number): string => new Date(ms).toISOString();

test('in UTC a day begins at midnight and a month on its first', () => {
  const calendar = new Calendar('UTC');
  const day = calendar.span('day', at('2026-02-28T23:59:59.999Z'));
  expect([said(day.startMs), said(day.endMs)]).toEqual(['2026-02-28T00:00:00.000Z', '2026-03-01T00:00:00.000Z']);
  const month = calendar.span('month', at('2026-12-31T12:00:00Z'));
  expect([said(month.startMs), said(month.endMs)]).toEqual(['2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z']);
  expect(said(calendar.span('day', at('2026-03-01T00:00:00Z')).startMs)).toBe('2026-03-01T00:00:00.000Z');
});

test('a day that loses an hour has 23, one that gains it 25, and the month around them its own', () => {
  const berlin = new Calendar('Europe/Berlin');
  const length = (text: string): number => {
    const { startMs, endMs } = berlin.span('day', at(text));
    return (endMs - startMs) / hourMs;
  };
  expect([length('2026-03-29T10:00:00Z'), length('2026-10-25T10:00:00Z'), length('2026-07-01T10:00:00Z')]).toEqual([23, 25, 24]);
  const march = berlin.span('month', at('2026-03-15T00:00:00Z'));
  expect([said(march.startMs), said(march.endMs)]).toEqual(['2026-02-28T23:00:00.000Z', '2026-03-31T22:00:00.000Z']);
});

test('a day whose midnight does not exist begins with its first moment, and a skipped day leaves no gap', () => {
  const beirut = new Calendar('Asia/Beirut').span('day', at('2024-03-31T12:00:00Z'));
  expect([said(beirut.startMs), said(beirut.endMs)]).toEqual(['2024-03-30T22:00:00.000Z', '2024-03-31T21:00:00.000Z']);
  const apia = new Calendar('Pacific/Apia');
  const before = apia.span('day', at('2011-12-30T09:00:00Z'));
  expect(said(before.endMs)).toBe('2011-12-30T10:00:00.000Z');
  expect(apia.span('day', before.endMs).startMs).toBe(before.endMs);
});

test('in every zone, each moment is in one day and one month, whose neighbours touch it and bear other dates', () => {
  const zones = ['UTC', 'America/New_York', 'America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Kiritimati', 'America/Santiago'];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.constantFrom('day' as const, 'month' as const),
      fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') }),
      (zone, period, wallMs) => {
        const calendar = new Calendar(zone);
        const date = new Intl.DateTimeFormat('en', { timeZone: zone, dateStyle: 'medium' });
        const bears = (ms: number): string => (period === 'day' ? date.format(ms) : date.format(ms).replace(/ \d+,/, ''));
        const { startMs, endMs } = calendar.span(period, wallMs);
        expect(wallMs).toBeGreaterThanOrEqual(startMs);
        expect(wallMs).toBeLessThan(endMs);
        expect([bears(startMs), bears(endMs - 1)]).toEqual([bears(wallMs), bears(wallMs)]);
        expect(bears(startMs - 1)).not.toBe(bears(wallMs));
        expect(bears(endMs)).not.toBe(bears(wallMs));
        expect(calendar.span(period, endMs).startMs).toBe(endMs);
        expect(calendar.span(period, startMs - 1).endMs).toBe(startMs);
      },
    ),
    replayable('src/budget/calendar.test.ts', 300),
  );
});

test('a name that is no time zone is known as such', () => {
  expect([isTimeZone('Europe/Berlin'), isTimeZone('UTC'), isTimeZone('Europe/Atlantis'), isTimeZone('')]).toEqual([true, true, false, false]);
});
