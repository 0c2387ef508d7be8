import { Button, Group, Stack, Title } from "@mantine/core";
import { useEffect } from "react";

import type { Statistics } from "@/api/client";
import { useMayWrite } from "@/api/session";
import { Empty } from "@/parts/empty";
import { Trouble } from "@/parts/trouble";
import { ViewLink } from "@/parts/view_link";
import { addressOf } from "@/state/address";

import styles from "./activity.module.css";
import { EventsLog } from "./events_log";
import { Failures } from "./failures";
import { eventLog, rateHistory } from "./history";
import { Hours } from "./hours";
import { RateCharts } from "./rate_charts";
import { Tiles } from "./tiles";
import { useLastImages, useStatistics, useTotals } from "./totals";

/** What creel does just now, and what came of it lately. */
export function Activity() {
  const statistics = useStatistics();
  const { data } = statistics;
  useEffect(() => {
    for (const one of data?.by_source ?? []) if (one.source !== null) eventLog.learn(one.source_id, one.source);
    if (data) rateHistory.recall(data.recent, Date.now());
  }, [data]);
  const { data: lastImages } = useLastImages();
  useEffect(() => {
    if (lastImages) eventLog.recall(lastImages);
  }, [lastImages]);
  const hasImages = useHasImages(data);
  return (
    <Stack gap="md">
      <Title order={1} size="h2">
        Activity
      </Title>
      {statistics.error && !data && <Trouble error={statistics.error} again={() => void statistics.refetch()} />}
      {hasImages === false && <NothingYet hasSources={(data?.by_source.length ?? 0) > 0} />}
      {hasImages !== false && <Tiles queue={data?.queue} />}
      {hasImages !== false && <RateCharts />}
      {hasImages === false && <EventsLog />}
      {hasImages !== false && (
        <div className={styles.columns}>
          <Stack gap="md">
            <Failures counted={data?.by_failure_kind} />
            {data && <Hours told={data.per_hour} />}
          </Stack>
          <EventsLog />
        </div>
      )}
    </Stack>
  );
}

/** Null until it is known. */
function useHasImages(statistics: Statistics | undefined): boolean | null {
  const images = useTotals(statistics)?.images;
  if (!images) return null;
  return Object.values(images).some((number) => number > 0);
}

function NothingYet({ hasSources }: { hasSources: boolean }) {
  if (!useMayWrite()) {
    return (
      <Empty title="Nothing has happened yet">
        What happens shows here as it happens. To add sources or images, sign in with a token of scope write.
      </Empty>
    );
  }
  return (
    <Empty
      title="Nothing has happened yet"
      action={
        <Group justify="center">
          <Button
            renderRoot={(props) => (
              <ViewLink {...props} href={hasSources ? addressOf("sources") : addressOf("sources", { new: "source" })} />
            )}
          >
            {hasSources ? "Go to the sources" : "Add a source"}
          </Button>
          <Button variant="default" renderRoot={(props) => <ViewLink {...props} href={addressOf("add")} />}>
            Add images by hand
          </Button>
        </Group>
      }
    >
      {hasSources
        ? "There are sources, but no images have been found. See that a source is started, or fetch it now; what it finds shows here as it comes."
        : "Add a source, and creel copies the images that it finds, now and from then on; or paste the addresses of a few images. What happens shows here as it happens."}
    </Empty>
  );
}
