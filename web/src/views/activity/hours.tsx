import { Card, Table, Text, Title, VisuallyHidden } from "@mantine/core";
import { useState } from "react";

import type { Statistics } from "@/api/client";
import { bytes, count } from "@/format/numbers";

import styles from "./activity.module.css";
import { axisTicks, type HourBar, hourBars, scale } from "./series";
import { useWidth } from "./use_width";

const height = 130;
const sides = { top: 8, bottom: 20, left: 44, right: 4 };

/** The last day, hour by hour. */
export function Hours({ told }: { told: Statistics["per_hour"] }) {
  const bars = hourBars(told, new Date(), 24);
  const [pointed, setPointed] = useState<number | null>(null);
  const [ref, width] = useWidth();
  const shown = pointed === null ? undefined : bars[pointed];
  return (
    <Card withBorder padding="sm" component="section" aria-label="The last 24 hours">
      <div className={styles.chartHead}>
        <Title order={2} size="h5">
          The last 24 hours
        </Title>
        <Text size="sm" c="dimmed">
          {shown ? `${hourText(shown)}: ${inWords(shown)}` : inWords(sum(bars))}
        </Text>
      </div>
      <div ref={ref} className={styles.chart} style={{ minHeight: height }} onPointerLeave={() => setPointed(null)}>
        {width > 0 && <Bars bars={bars} width={width} pointed={pointed} onPoint={setPointed} />}
      </div>
      <HoursTable bars={bars} />
    </Card>
  );
}

interface BarsProperties {
  bars: HourBar[];
  width: number;
  pointed: number | null;
  onPoint: (index: number) => void;
}

function Bars({ bars, width, pointed, onPoint }: BarsProperties) {
  const ticks = axisTicks(Math.max(0, ...bars.map((bar) => bar.stored + bar.failed)));
  const y = scale(0, ticks.at(-1) ?? 1, height - sides.bottom, sides.top);
  const step = (width - sides.left - sides.right) / bars.length;
  return (
    <svg width={width} height={height} aria-hidden="true" className={styles.drawing}>
      {ticks.map((tick) => (
        <g key={tick}>
          <line x1={sides.left} x2={width - sides.right} y1={y(tick)} y2={y(tick)} className={styles.grid} />
          <text x={sides.left - 8} y={y(tick) + 4} textAnchor="end">
            {short(tick)}
          </text>
        </g>
      ))}
      {bars.map((bar, index) => {
        const x = sides.left + index * step;
        const stored = y(0) - y(bar.stored);
        const failed = y(0) - y(bar.failed);
        return (
          <g key={bar.hour.getTime()} onPointerEnter={() => onPoint(index)}>
            <rect x={x} y={sides.top} width={step} height={height} className={styles.hit} data-on={pointed === index} />
            <rect x={x + 1} y={y(0) - stored} width={step - 2} height={stored} rx={1.5} fill="var(--creel-stored)" />
            <rect
              x={x + 1}
              y={y(0) - stored - failed}
              width={step - 2}
              height={failed}
              rx={1.5}
              fill="var(--creel-failed)"
            />
            {index % 6 === 5 && (
              <text x={x + step / 2} y={height - 4} textAnchor={index === bars.length - 1 ? "end" : "middle"}>
                {index === bars.length - 1 ? "now" : hourText(bar)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

function HoursTable({ bars }: { bars: HourBar[] }) {
  return (
    <VisuallyHidden>
      <Table>
        <caption>Images of the last 24 hours, hours with none left out</caption>
        <thead>
          <tr>
            <th scope="col">Hour</th>
            <th scope="col">Stored</th>
            <th scope="col">Failed</th>
            <th scope="col">Size</th>
          </tr>
        </thead>
        <tbody>
          {bars
            .filter((bar) => bar.stored + bar.failed > 0)
            .map((bar) => (
              <tr key={bar.hour.getTime()}>
                <th scope="row">{hourText(bar)}</th>
                <td>{count(bar.stored)}</td>
                <td>{count(bar.failed)}</td>
                <td>{bytes(bar.bytes)}</td>
              </tr>
            ))}
        </tbody>
      </Table>
    </VisuallyHidden>
  );
}

type Amount = Pick<HourBar, "stored" | "failed" | "bytes">;

function sum(bars: HourBar[]): Amount {
  return bars.reduce<Amount>(
    (total, bar) => ({
      stored: total.stored + bar.stored,
      failed: total.failed + bar.failed,
      bytes: total.bytes + bar.bytes,
    }),
    { stored: 0, failed: 0, bytes: 0 },
  );
}

function inWords({ stored, failed, bytes: size }: Amount): string {
  return `${count(stored)} stored, ${count(failed)} failed, ${bytes(size)}`;
}

function hourText(bar: HourBar): string {
  return bar.hour.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}

/** "12K": an axis has little room. */
function short(value: number): string {
  return value.toLocaleString(undefined, { notation: "compact", maximumFractionDigits: 1 });
}
