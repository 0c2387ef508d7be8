import { Card, Text, Title } from "@mantine/core";
import { type PointerEvent, useEffect, useId, useState, useSyncExternalStore } from "react";

import { bytes } from "@/format/numbers";
import { duration } from "@/format/times";

import styles from "./activity.module.css";
import { chartSpan, rateHistory } from "./history";
import { RateDrawing, sides, drawingHeight } from "./rate_drawing";
import { pointAt, type RatePoint, summary, unseen } from "./series";
import { useWidth } from "./use_width";

export interface Series {
  name: string;
  color: string;
  value: (point: RatePoint) => number;
}

export interface Rates {
  title: string;
  series: Series[];
  /** A rate in words. */
  say: (value: number) => string;
  /** A mark of the axis. */
  mark: (value: number) => string;
}

const images: Rates = {
  title: "Images per second",
  series: [
    { name: "stored", color: "var(--creel-stored)", value: (point) => point.stored },
    { name: "failed", color: "var(--creel-failed)", value: (point) => point.failed },
  ],
  say: (value) => value.toLocaleString(undefined, { maximumFractionDigits: value < 10 ? 1 : 0 }),
  mark: (value) => value.toLocaleString(undefined, { maximumFractionDigits: 2 }),
};

const volume: Rates = {
  title: "Bytes per second",
  series: [{ name: "stored", color: "var(--creel-bytes)", value: (point) => point.bytes }],
  say: (value) => bytes(Math.round(value)),
  mark: (value) => bytes(value, "dropped"),
};

/** How fast images came in over the last minutes. */
export function RateCharts() {
  return (
    <div className={styles.charts}>
      <RateChart rates={images} />
      <RateChart rates={volume} />
    </div>
  );
}

function RateChart({ rates }: { rates: Rates }) {
  const points = useSyncExternalStore(rateHistory.watch, rateHistory.points);
  const since = useSyncExternalStore(rateHistory.watch, rateHistory.since);
  const now = useNow();
  const from = now - chartSpan;
  const [ref, width] = useWidth();
  const [pointed, setPointed] = useState<number | null>(null);
  const name = useId();

  const point = (event: PointerEvent<HTMLElement>) => {
    const inside = event.clientX - event.currentTarget.getBoundingClientRect().left - sides.left;
    const span = width - sides.left - sides.right;
    setPointed(span > 0 && inside >= 0 && inside <= span ? (1 - inside / span) * chartSpan : null);
  };
  const shown = pointed === null ? null : pointAt(points, now - pointed);
  return (
    <Card withBorder padding="sm" component="figure" m={0} aria-labelledby={name}>
      <div className={styles.chartHead}>
        <Title order={2} size="h5" id={name}>
          {rates.title}
        </Title>
        <Text size="sm" c="dimmed">
          {spanWords(since, from, now)}
        </Text>
      </div>
      <Legend rates={rates} points={points} from={from} now={now} ago={pointed} shown={shown} />
      <div
        ref={ref}
        className={styles.chart}
        style={{ minHeight: drawingHeight }}
        onPointerMove={point}
        onPointerLeave={() => setPointed(null)}
      >
        {width > 0 && <RateDrawing {...{ rates, points, since, from, now, width }} marked={shown?.at ?? null} />}
      </div>
    </Card>
  );
}

/** Which time the figures are about. */
function spanWords(since: number | null, from: number, now: number): string {
  if (since === null) return "";
  if (unseen(since, from, now) === null) return `in the last ${duration(chartSpan / 1000)}`;
  const opened = new Date(since).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  return `since the page was opened, ${opened}`;
}

interface LegendProperties {
  rates: Rates;
  points: readonly RatePoint[];
  from: number;
  now: number;
  ago: number | null;
  shown: RatePoint | null;
}

/** The chart in words: what each line is, how it stands, and how high it went. */
function Legend({ rates, points, from, now, ago, shown }: LegendProperties) {
  return (
    <Text component="figcaption" size="sm" className={styles.legend}>
      {rates.series.map((one) => {
        const known = summary(points, one.value, from, now);
        return (
          <span key={one.name} className={styles.key}>
            <span className={styles.swatch} style={{ background: one.color }} />
            {one.name}{" "}
            {ago === null ? (
              <>
                <b>{known.now === null ? "-" : rates.say(known.now)}</b>
                <span className={styles.dim}>
                  most {rates.say(known.most)} · mean {rates.say(known.mean)}
                </span>
              </>
            ) : (
              <>
                <b>{shown ? rates.say(one.value(shown)) : "not known"}</b>
                <span className={styles.dim}>{duration(ago / 1000)} ago</span>
              </>
            )}
          </span>
        );
      })}
    </Text>
  );
}

/** The time, once a second: the chart moves on even when nothing comes. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
