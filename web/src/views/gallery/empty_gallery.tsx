import { Button, Group } from "@mantine/core";
import { IconPhotoPlus, IconRss } from "@tabler/icons-react";
import type { ReactNode } from "react";

import type { ImageState } from "@/api/client";
import { useMayWrite } from "@/api/session";
import { counted } from "@/format/numbers";
import { Empty } from "@/parts/empty";
import { ViewLink } from "@/parts/view_link";
import { addressOf, type View } from "@/state/address";

import { emptyKind, type StateCounts } from "./empty_kinds";
import type { Filters } from "./filters";

interface Properties {
  filters: Filters;
  counts: StateCounts | null;
  /** How many images the list has that are not shown. */
  hidden: number;
  narrow: (changes: Partial<Filters>) => void;
  clear: () => void;
}

/** Why there is nothing to see, and what to do about it. */
export function EmptyGallery({ filters, counts, hidden, narrow, clear }: Properties) {
  switch (emptyKind(filters, counts, hidden)) {
    case "no_images":
      return <NoImages />;
    case "under_way":
      return (
        <Empty
          title="The first images are on their way"
          action={
            <Group>
              <Button onClick={() => narrow({ state: "pending" })}>Show what waits</Button>
              <ViewButton view="activity">Watch it happen</ViewButton>
            </Group>
          }
        >
          {counted((counts?.pending ?? 0) + (counts?.storing ?? 0), "image")} will be fetched and stored. They appear
          here by themselves.
        </Empty>
      );
    case "only_failed":
      return (
        <Empty
          title="Nothing could be stored yet"
          action={<Button onClick={() => narrow({ state: "failed" })}>Show what failed</Button>}
        >
          {counted(counts?.failed ?? 0, "image")} failed. Each says why.
        </Empty>
      );
    case "all_hidden":
      return (
        <Empty
          title={hidden === 1 ? "The only image here is hidden" : `All ${counted(hidden, "image")} here are hidden`}
          action={<Button onClick={() => narrow({ nsfw: "show" })}>{hidden === 1 ? "Show it" : "Show them"}</Button>}
        >
          {hidden === 1 ? "It is" : "They are"} marked as not safe for work.
        </Empty>
      );
    case "none_in_state":
      return (
        <Empty
          title={noneTitles[filters.state as ImageState]}
          action={<Button onClick={() => narrow({ state: "stored" })}>Show what is stored</Button>}
        >
          {noneWords[filters.state as ImageState]}
        </Empty>
      );
    case "no_match":
      return (
        <Empty title="No image matches" action={<Button onClick={clear}>Clear all filters</Button>}>
          {filters.q.trim() === ""
            ? "There is no image with these filters."
            : "All words must stand in the title, the description or the author's name; the last may be the beginning of one."}
        </Empty>
      );
  }
}

const noneTitles: Record<ImageState, string> = {
  stored: "Nothing is stored",
  failed: "Nothing has failed",
  pending: "Nothing is waiting",
  storing: "Nothing is being stored",
  deleted: "Nothing was deleted",
};

/** What would stand there. */
const noneWords: Record<ImageState, string> = {
  stored: "Images that creel has copied show here.",
  failed: "Images that creel could not copy show here, each with the reason.",
  pending: "Images that were found, and are not fetched yet, show here.",
  storing: "Images that are fetched just now show here.",
  deleted: "Images that were deleted are remembered here, so that no source brings them back.",
};

function NoImages() {
  if (!useMayWrite()) {
    return (
      <Empty title="No images yet">
        creel copies images into a folder or bucket, and they show here. To add some, sign in with a token of scope
        write.
      </Empty>
    );
  }
  return (
    <Empty
      title="No images yet"
      action={
        <Group>
          <ViewButton view="sources" icon={<IconRss size={18} aria-hidden />} isFirst>
            Add a source
          </ViewButton>
          <ViewButton view="add" icon={<IconPhotoPlus size={18} aria-hidden />}>
            Paste addresses
          </ViewButton>
        </Group>
      }
    >
      creel copies images into your folder or bucket. Add a source - a feed, a tag, a web API or a list - and it looks
      there again and again; or paste the addresses of images to copy them once.
    </Empty>
  );
}

interface ViewButtonProperties {
  view: View;
  icon?: ReactNode;
  isFirst?: boolean;
  children: ReactNode;
}

function ViewButton({ view, icon, isFirst = false, children }: ViewButtonProperties) {
  return (
    <Button component={ViewLink} href={addressOf(view)} leftSection={icon} variant={isFirst ? "filled" : "default"}>
      {children}
    </Button>
  );
}
