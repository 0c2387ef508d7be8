import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Counters } from "@/api/events";

import { chartSpan, rateHistory } from "./history";
import { RateCharts, type Rates } from "./rate_charts";
import { RateDrawing } from "./rate_drawing";

const now = new Date(2026, 10, 30, 11, 45).getTime();
const opened = new Date(2026, 10, 30, 11, 42).getTime();
const counters = { stored_per_second: 3, failed_per_second: 0, bytes_per_second: 30 } as Counters;

describe("RateCharts", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.setSystemTime(now);
  });
  afterEach(() => {
    vi.useRealTimers();
    rateHistory.clear();
  });

  function chart() {
    render(
      <MantineProvider>
        <RateCharts />
      </MantineProvider>,
    );
    return within(screen.getByRole("figure", { name: "Images per second" }));
  }

  it("says in words since when its figures are known", () => {
    rateHistory.add(counters, opened);
    rateHistory.add(counters, now);
    const time = new Date(opened).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
    expect(chart().getByText(`since the page was opened, ${time}`)).toBeTruthy();
  });

  it("speaks of the last minutes once all of them were seen", () => {
    rateHistory.add(counters, now - chartSpan - 1_000);
    rateHistory.add(counters, now);
    expect(chart().getByText("in the last 5 min")).toBeTruthy();
  });
});

describe("RateDrawing", () => {
  const rates: Rates = { title: "", series: [], say: String, mark: String };
  const point = { at: now - 1_000, stored: 3, failed: 0, bytes: 30 };

  function draw(since: number) {
    const from = now - chartSpan;
    render(<RateDrawing {...{ rates, points: [point], since, from, now, width: 600 }} marked={null} />);
  }

  it("marks the time before the page was opened", () => {
    draw(now - 1_000);
    expect(screen.getByText("before the page was opened")).toBeTruthy();
  });

  it("marks nothing where all was seen", () => {
    draw(now - chartSpan);
    expect(screen.queryByText("before the page was opened")).toBeNull();
  });
});
