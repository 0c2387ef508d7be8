import { useId } from "react";

import styles from "./activity.module.css";
import type { Rates } from "./rate_charts";
import {
  areaPath,
  axisTicks,
  gaps,
  linePath,
  type RatePoint,
  rows,
  scale,
  type Scale,
  type Span,
  unseen,
} from "./series";

/** What the drawing leaves free around its lines for the marks. */
export const sides = { top: 10, right: 10, bottom: 24, left: 58 };
export const drawingHeight = 168;
const minute = 60_000;
/** Pixels that a letter of a label takes at most. */
const letterWidth = 7;

interface Properties {
  rates: Rates;
  points: readonly RatePoint[];
  /** When the first figures came. */
  since: number | null;
  from: number;
  now: number;
  width: number;
  /** A time that is pointed at. */
  marked: number | null;
}

/** The lines over time; what they say is told in words by the figure's caption. */
export function RateDrawing({ rates, points, since, from, now, width, marked }: Properties) {
  const shown = points.filter((point) => point.at >= from);
  const most = Math.max(0, ...rates.series.flatMap((one) => shown.map(one.value)));
  const ticks = axisTicks(most);
  const x = scale(from, now, sides.left, width - sides.right);
  const y = scale(0, ticks.at(-1) ?? 1, drawingHeight - sides.bottom, sides.top);
  const lines = rows(points, from);
  const before = unseen(since, from, now);
  return (
    <svg width={width} height={drawingHeight} aria-hidden="true" className={styles.drawing}>
      <Grid ticks={ticks} mark={rates.mark} y={y} width={width} />
      <Minutes from={from} now={now} x={x} />
      {before && <Hatched spans={[before]} label="before the page was opened" x={x} />}
      <Hatched spans={gaps(points, from, now)} label="no connection" x={x} />
      {rates.series.map((one) =>
        lines.map((row, index) => (
          <g key={`${one.name} ${index}`}>
            <path d={areaPath(row, one.value, x, y)} fill={one.color} opacity={0.14} />
            <path d={linePath(row, one.value, x, y)} fill="none" stroke={one.color} className={styles.line} />
          </g>
        )),
      )}
      {marked !== null && (
        <line
          x1={x(marked)}
          x2={x(marked)}
          y1={sides.top}
          y2={drawingHeight - sides.bottom}
          className={styles.pointer}
        />
      )}
      {points.length === 0 && (
        <text x={(width + sides.left) / 2} y={drawingHeight / 2 - 8} textAnchor="middle">
          The figures come in a moment
        </text>
      )}
    </svg>
  );
}

function Grid({ ticks, mark, y, width }: { ticks: number[]; mark: Rates["mark"]; y: Scale; width: number }) {
  return ticks.map((tick) => (
    <g key={tick}>
      <line x1={sides.left} x2={width - sides.right} y1={y(tick)} y2={y(tick)} className={styles.grid} />
      <text x={sides.left - 8} y={y(tick) + 4} textAnchor="end">
        {mark(tick)}
      </text>
    </g>
  ));
}

function Minutes({ from, now, x }: { from: number; now: number; x: Scale }) {
  const marks = Array.from({ length: Math.round((now - from) / minute) + 1 }, (_, ago) => ago);
  return marks.map((ago) => (
    <text key={ago} x={x(now - ago * minute)} y={drawingHeight - 6} textAnchor={ago === 0 ? "end" : "middle"}>
      {ago === 0 ? "now" : `-${ago} min`}
    </text>
  ));
}

/** Times of which nothing is known. */
function Hatched({ spans, label, x }: { spans: Span[]; label: string; x: Scale }) {
  const hatch = useId();
  return (
    <>
      <pattern id={hatch} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line x1={0} x2={0} y1={0} y2={6} className={styles.hatch} />
      </pattern>
      {spans.map(({ from, to }) => {
        const [start, breadth] = [x(from), x(to) - x(from)];
        return (
          <g key={from}>
            <rect
              x={start}
              y={sides.top}
              width={breadth}
              height={drawingHeight - sides.top - sides.bottom}
              fill={`url(#${hatch})`}
            />
            {breadth > label.length * letterWidth && (
              <text x={start + breadth / 2} y={drawingHeight / 2} textAnchor="middle">
                {label}
              </text>
            )}
          </g>
        );
      })}
    </>
  );
}
