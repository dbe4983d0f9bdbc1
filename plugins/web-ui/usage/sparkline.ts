/** A line so small that it needs no axis: what views/usage/sparkline.hbs draws. */
export interface Sparkline {
  readonly width: number;
  readonly height: number;
  /** SVG path of the line, and of the surface below it. */
  readonly line: string;
  readonly area: string;
  /** What a screen reader hears in place of the picture. */
  readonly label: string;
}

export interface SparklineSize {
  readonly width: number;
  readonly height: number;
}

/** Room for the stroke at the edges. */
const EDGE = 1.5;

/**
 * Numbers as a path, from the oldest to the newest; the lowest edge is 0, so that heights may be compared. Money goes in as
 * `Number(nano)`: a picture needs no more digits.
 */
export function sparkline(values: readonly number[], label: string, { width, height }: SparklineSize = { width: 120, height: 28 }): Sparkline {
  const places = placesOf(values, width, height, EDGE);
  return { width, height, label, line: linePath(places), area: areaPath(places, height) };
}

export type Place = readonly [x: number, y: number];

/** Where values stand in a box whose lowest edge is 0 and whose highest is `top`, by default the highest value. */
export function placesOf(values: readonly number[], width: number, height: number, edge = 0, top = Math.max(...values, 0)): Place[] {
  const inner = { width: width - 2 * edge, height: height - 2 * edge };
  const step = values.length > 1 ? inner.width / (values.length - 1) : 0;
  return values.map((value, index) => [round(edge + index * step), round(edge + inner.height * (1 - (top > 0 ? value / top : 0)))]);
}

/** One value alone is a line across the box. */
export function linePath(places: readonly Place[]): string {
  const [first] = places;
  if (!first) return "";
  if (places.length === 1) return `M0 ${first[1]}H${round(first[0] * 2 + 1_000)}`;
  return places.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join("");
}

export function areaPath(places: readonly Place[], bottom: number): string {
  const [first, last] = [places[0], places.at(-1)];
  if (!first || !last || places.length < 2) return "";
  return `${linePath(places)}L${last[0]} ${bottom}L${first[0]} ${bottom}Z`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
