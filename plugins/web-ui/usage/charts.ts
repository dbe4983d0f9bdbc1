import { areaPath, linePath, placesOf } from "./sparkline";

/** One value of a picture, with the words that are read of it. */
export interface ChartValue {
  readonly label: string;
  readonly value: number;
  /** `1,204 requests` */
  readonly text: string;
}

/** In units of the SVG, which is stretched to its place: text stands outside of it. */
const WIDTH = 600;
const HEIGHT = 176;
const GRID = [0, 0.5, 1];

/** A line over time: the model of views/usage/time-chart.hbs. */
export function timeChart(id: string, title: string, note: string, values: readonly ChartValue[], unit: string): object {
  const top = niceTop(Math.max(0, ...values.map(({ value }) => value)));
  const places = placesOf(values.map(({ value }) => value), WIDTH, HEIGHT, 0, top);
  const [first, middle, last] = [values[0], values[Math.floor(values.length / 2)], values.at(-1)];
  const end = places.at(-1);
  const step = WIDTH / Math.max(1, values.length - 1);
  return {
    id, title, note, unit, width: WIDTH, height: HEIGHT,
    line: linePath(places), area: areaPath(places, HEIGHT), end: end && { x: end[0], y: end[1] },
    grid: GRID.map((part) => ({ y: HEIGHT * (1 - part) })),
    scale: [...GRID].reverse().map((part) => shortNumber(top * part)),
    ends: values.length > 2 ? [first?.label, middle?.label, last?.label] : [...new Set([first?.label, last?.label])],
    points: places.map(([x, y], index) => ({
      x, y, hitX: Math.round((x - step / 2) * 10) / 10, hitWidth: Math.round(step * 10) / 10, label: `${values[index]?.label}: ${values[index]?.text}`,
    })),
    rows: values,
  };
}

/** Bars side by side, the longest first: the model of views/usage/bars.hbs. */
export function bars(rows: readonly { readonly label: string; readonly href?: string; readonly value: number; readonly text: string }[]): object[] {
  const most = Math.max(1, ...rows.map(({ value }) => value));
  return rows.map((row) => ({ ...row, width: Math.max(row.value > 0 ? 2 : 0, Math.round((row.value / most) * 1_000) / 10) }));
}

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/** Shades besides that of nothing. */
const SHADES = 6;
const CELL = { width: 40, height: 30, gap: 3 };

/** Requests by weekday and hour: the model of views/usage/heatmap.hbs. */
export function heatmap(week: readonly (readonly number[])[]): object {
  const most = Math.max(1, ...week.flat());
  const cells = week.flatMap((hours, day) => hours.map((count, hour) => ({
    x: hour * CELL.width, y: day * CELL.height, width: CELL.width - CELL.gap, height: CELL.height - CELL.gap,
    // The root keeps quiet hours apart from none where one hour towers over all.
    shade: count === 0 ? 0 : Math.max(1, Math.ceil(Math.sqrt(count / most) * SHADES)),
    label: `${WEEKDAYS[day]} ${String(hour).padStart(2, "0")}:00: ${count.toLocaleString("en-US")} ${count === 1 ? "request" : "requests"}`,
  })));
  return {
    width: 24 * CELL.width - CELL.gap, height: 7 * CELL.height - CELL.gap, cells,
    rows: week.map((hours, day) => ({ day: WEEKDAYS[day], hours })),
    hours: Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0")),
    isEmpty: week.flat().every((count) => count === 0),
  };
}

/** The next of 1, 2, 4, 5 or 10 times a power of ten, so that the scale reads well. */
export function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 5, 10].find((times) => times * power >= value) ?? 10;
  return step * power;
}

const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const shortNumber = (value: number): string => short.format(value);
