import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";

import { api, asked, type Image } from "@/api/client";
import { keys } from "@/api/queries";
import { counted } from "@/format/numbers";

import { eachOf, inPieces, type Outcome } from "./bulk";
import { changesTo, putOwnChanges } from "./image_cache";
import type { Changes } from "./image_pages";

/** Small enough that one sees it go on, and that little is unknown if one fails; the backend takes up to 1,000. */
const pieceSize = 100;
const requestsAtOnce = 4;

export interface Job {
  what: "Deleting" | "Retrying";
  done: number;
  all: number;
}

/** Deletes and retries images, says how far it is and how it ended, and puts the lists right. */
export function useImageActions() {
  const client = useQueryClient();
  const [job, setJob] = useState<Job | null>(null);

  const put = useCallback(
    async (changes: Changes) => {
      await putOwnChanges(client, changes);
      void client.invalidateQueries({ queryKey: keys.statistics });
      void client.invalidateQueries({ queryKey: keys.sources });
    },
    [client],
  );

  const remove = useCallback(
    async (images: readonly Image[]): Promise<Outcome> => {
      const ids = images.map((image) => image.id);
      const tell = (done: number) => setJob({ what: "Deleting", done, all: ids.length });
      tell(0);
      const outcome = await inPieces(ids, pieceSize, deletePiece, tell);
      setJob(null);
      const changes = new Map<number, Image | null>(outcome.done.map((id) => [id, null]));
      // Of the piece that failed, some may be deleted.
      if (outcome.error)
        for (const image of await askEach(outcome.open.slice(0, pieceSize))) changes.set(...fate(image));
      await put(changes);
      tellOutcome(outcome, { done: () => "deleted", failed: "Not all images could be deleted" });
      return outcome;
    },
    [put],
  );

  const retry = useCallback(
    async (images: readonly Image[]): Promise<Outcome> => {
      const ids = images.map((image) => image.id);
      const tell = (done: number) => setJob({ what: "Retrying", done, all: ids.length });
      tell(0);
      const outcome = await inPieces(ids, pieceSize, retryPiece, tell);
      setJob(null);
      await put(changesTo(images.slice(0, outcome.done.length).map(waiting)));
      tellOutcome(outcome, { done: waitWords, failed: "Not all images could be tried again" });
      return outcome;
    },
    [put],
  );

  return { job, remove, retry };
}

export type ImageActions = ReturnType<typeof useImageActions>;

function deletePiece(ids: number[]) {
  return asked(api.POST("/images/delete", { body: { ids } }));
}

function retryPiece(ids: number[]) {
  return asked(api.POST("/images/retry", { body: { ids } }));
}

function askOne(id: number): Promise<Image> {
  return asked(api.GET("/images/{id}", { params: { path: { id } } }));
}

async function askEach(ids: readonly number[]): Promise<Image[]> {
  return (await eachOf(ids, requestsAtOnce, askOne)).filter((image) => image !== null);
}

/** A failed image after it was told to be tried again. */
function waiting(image: Image): Image {
  return { ...image, state: "pending", attempts: 0, failure_kind: null, failure_message: null, next_attempt_at: null };
}

function fate(image: Image): [number, Image | null] {
  return [image.id, image.state === "deleted" ? null : image];
}

function waitWords(images: number): string {
  return `${images === 1 ? "waits" : "wait"} to be tried again`;
}

interface OutcomeWords {
  /** What is said of so many images for which it is done. */
  done: (images: number) => string;
  failed: string;
}

function tellOutcome({ done, open, error }: Outcome, words: OutcomeWords) {
  const told = `${counted(done.length, "image")} ${words.done(done.length)}`;
  if (!error) {
    notifications.show({ color: "teal", message: told });
    return;
  }
  const so = done.length > 0 ? ` ${told}.` : "";
  notifications.show({
    color: "red",
    title: words.failed,
    message: `${error.message} ${counted(open.length, "image")} left.${so}`,
    autoClose: false,
  });
}
